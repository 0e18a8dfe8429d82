using System.Diagnostics.CodeAnalysis;

namespace Smtpy.Mail.Spf;

/// <summary>
/// Reads a whole record before any of it is used: a syntax error anywhere is a permanent error (RFC 7208 section 4.6). Never throws.
/// </summary>
internal static class SpfRecordParser
{
    private const string Version = "v=spf1";

    /// <summary>Whether the TXT record is one of SPF at all (RFC 7208 section 4.5).</summary>
    public static bool IsRecord(ReadOnlySpan<char> text) =>
        text.StartsWith(Version, StringComparison.OrdinalIgnoreCase) && (text.Length == Version.Length || text[Version.Length] == ' ');

    /// <param name="text">For which <see cref="IsRecord"/> holds.</param>
    /// <param name="error">The term that is wrong.</param>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out SpfRecord? record, out string error)
    {
        record = null;
        error = "";
        var directives = new List<SpfDirective>();
        MacroString? redirect = null;
        MacroString? explanation = null;
        text = text[Version.Length..];
        foreach (var range in text.Split(' '))
        {
            var term = text[range];
            if (term.IsEmpty)
            {
                continue;
            }

            var valid = NameLength(term) is > 0 and var name && name < term.Length && term[name] == '='
                ? TryAddModifier(term[..name], term[(name + 1)..], ref redirect, ref explanation)
                : TryAddDirective(term, directives);
            if (!valid)
            {
                error = $"syntax error at \"{Printable(term)}\"";
                return false;
            }
        }

        record = new SpfRecord(directives, redirect, explanation);
        return true;
    }

    private static bool TryAddModifier(ReadOnlySpan<char> name, ReadOnlySpan<char> value, ref MacroString? redirect, ref MacroString? explanation)
    {
        if (name.Equals("redirect", StringComparison.OrdinalIgnoreCase))
        {
            return redirect is null && (redirect = MacroParser.ParseDomain(value)) is not null;
        }

        return name.Equals("exp", StringComparison.OrdinalIgnoreCase)
            ? explanation is null && (explanation = MacroParser.ParseDomain(value)) is not null
            : MacroParser.ParseMacros(value) is not null;
    }

    private static bool TryAddDirective(ReadOnlySpan<char> term, List<SpfDirective> directives)
    {
        var outcome = QualifierOf(term[0]);
        var rest = outcome is null ? term : term[1..];
        var name = NameLength(rest);
        var parsed = Parse(rest[..name], rest[name..]);
        if (parsed is null)
        {
            return false;
        }

        directives.Add(parsed with { Text = term.ToString(), Outcome = outcome ?? SpfResult.Pass });
        return true;
    }

    private static SpfResult? QualifierOf(char first) => first switch
    {
        '+' => SpfResult.Pass,
        '-' => SpfResult.Fail,
        '?' => SpfResult.Neutral,
        '~' => SpfResult.SoftFail,
        _ => null,
    };

    private static SpfDirective? Parse(ReadOnlySpan<char> name, ReadOnlySpan<char> rest) => name switch
    {
        _ when Is(name, "all") => rest.IsEmpty ? new SpfDirective("", SpfMechanism.All, SpfResult.Pass) : null,
        _ when Is(name, "include") => WithTarget(SpfMechanism.Include, rest),
        _ when Is(name, "exists") => WithTarget(SpfMechanism.Exists, rest),
        _ when Is(name, "ptr") => rest.IsEmpty ? new SpfDirective("", SpfMechanism.Ptr, SpfResult.Pass) : WithTarget(SpfMechanism.Ptr, rest),
        _ when Is(name, "a") => WithPrefixes(SpfMechanism.A, rest),
        _ when Is(name, "mx") => WithPrefixes(SpfMechanism.Mx, rest),
        _ when Is(name, "ip4") => SpfNetworkParser.Parse(SpfMechanism.Ip4, rest),
        _ when Is(name, "ip6") => SpfNetworkParser.Parse(SpfMechanism.Ip6, rest),
        _ => null,
    };

    private static SpfDirective? WithTarget(SpfMechanism mechanism, ReadOnlySpan<char> rest) =>
        rest.StartsWith(':') && MacroParser.ParseDomain(rest[1..]) is { } target
            ? new SpfDirective("", mechanism, SpfResult.Pass, target)
            : null;

    private static SpfDirective? WithPrefixes(SpfMechanism mechanism, ReadOnlySpan<char> rest)
    {
        if (!SpfNetworkParser.TryTakePrefixes(ref rest, out var four, out var six))
        {
            return null;
        }

        var directive = rest.IsEmpty ? new SpfDirective("", mechanism, SpfResult.Pass) : WithTarget(mechanism, rest);
        return directive is null ? null : directive with { Prefix4 = four, Prefix6 = six };
    }

    private static bool Is(ReadOnlySpan<char> name, string mechanism) => name.Equals(mechanism, StringComparison.OrdinalIgnoreCase);

    /// <summary>Characters of the name at the beginning: a letter, then letters, digits, "-", "_" and ".".</summary>
    private static int NameLength(ReadOnlySpan<char> term)
    {
        var length = 0;
        while (length < term.Length
            && (char.IsAsciiLetter(term[length]) || (length > 0 && (char.IsAsciiDigit(term[length]) || term[length] is '-' or '_' or '.'))))
        {
            length++;
        }

        return length;
    }

    private static string Printable(ReadOnlySpan<char> term)
    {
        // Goes into records and logs: whatever the domain owner wrote must not write there.
        Span<char> shown = stackalloc char[Math.Min(term.Length, 60)];
        for (var i = 0; i < shown.Length; i++)
        {
            shown[i] = term[i] is >= ' ' and <= '~' ? term[i] : '?';
        }

        return shown.ToString();
    }
}
