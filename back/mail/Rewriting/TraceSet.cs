using System.Buffers;
using System.Text;
using Smtpy.Mail.Addresses;

namespace Smtpy.Mail.Rewriting;

/// <summary>An address and what stands for it towards a contact.</summary>
/// <param name="IsPrivate">Whether the contact must never see the address (a mailbox); false for a reverse address, which is only of no use.</param>
public sealed record TraceReplacement(EmailAddress Address, EmailAddress Substitute, bool IsPrivate = true);

/// <summary>
/// Finds and replaces addresses in octets, in any case, with a "+tag", and with the "@" as itself, percent-encoded (RFC
/// 3986), as an HTML character reference or as "=", which return paths use. Looks at whole addresses:
/// "maryjane@home.example" is somebody else than "jane@home.example".
/// </summary>
public sealed class TraceSet
{
    /// <summary>Octets of a tag behind "+" that are looked at: a local part has no more.</summary>
    private const int LongestTag = AddressLimits.LocalPart;

    private static readonly byte[][] Separators = [.. new[] { "@", "%40", "=40", "&#64;", "&#x40;", "&commat;", "=" }.Select(Encoding.ASCII.GetBytes)];

    private readonly List<Entry> _entries = [];

    public TraceSet(IEnumerable<TraceReplacement> replacements)
    {
        ArgumentNullException.ThrowIfNull(replacements);
        Replacements = [.. replacements];
        foreach (var replacement in Replacements)
        {
            Add(replacement, replacement.Address.Domain);

            // What people read and write of an internationalised domain is its U-label (RFC 5890 section 2.3.2.1).
            if (DomainName.ToUnicode(replacement.Address.Domain) is var unicode && unicode != replacement.Address.Domain)
            {
                Add(replacement, unicode);
            }
        }
    }

    private void Add(TraceReplacement replacement, string domain) => _entries.Add(new Entry(
        Lower(replacement.Address.LocalPart), Lower(domain), Encoding.UTF8.GetBytes(replacement.Substitute.LocalPart),
        Encoding.UTF8.GetBytes(replacement.Substitute.Domain), replacement.IsPrivate));

    private TraceSet(TraceSet set, IEnumerable<Entry> more)
    {
        Replacements = set.Replacements;
        _entries = [.. set._entries, .. more];
    }

    public IReadOnlyList<TraceReplacement> Replacements { get; }

    private sealed record Entry(byte[] Local, byte[] Domain, byte[] SubstituteLocal, byte[] SubstituteDomain, bool IsPrivate);

    private readonly record struct Match(int Start, int Separator, int End, Entry Entry, int SeparatorLength);

    /// <summary>As this set, and these identifiers ("part1@home.example") get the substitute's domain.</summary>
    internal TraceSet WithIdentifiers(IEnumerable<(string Local, TraceReplacement Replacement)> identifiers) =>
        new(this, identifiers.Select(id => new Entry(Lower(id.Local), Lower(id.Replacement.Address.Domain),
            Encoding.UTF8.GetBytes(id.Local), Encoding.UTF8.GetBytes(id.Replacement.Substitute.Domain), true)));

    /// <summary>Only what the contact must never see.</summary>
    internal bool ContainsPrivate(ReadOnlySpan<byte> octets) => Contains(octets, privateOnly: true);

    internal bool Contains(ReadOnlySpan<byte> octets, bool privateOnly = false)
    {
        var lower = ArrayPool<byte>.Shared.Rent(octets.Length);
        try
        {
            ToLower(octets, lower);
            var text = lower.AsSpan(0, octets.Length);
            foreach (var entry in _entries)
            {
                if ((entry.IsPrivate || !privateOnly) && Find(text, 0, entry).Entry is not null)
                {
                    return true;
                }
            }

            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(lower);
        }
    }

    /// <returns>Null where there is nothing to replace.</returns>
    internal byte[]? Replace(ReadOnlySpan<byte> octets)
    {
        var rented = ArrayPool<byte>.Shared.Rent(octets.Length);
        try
        {
            ToLower(octets, rented);
            var lower = rented.AsSpan(0, octets.Length);
            var next = new Match[_entries.Count];
            for (var i = 0; i < next.Length; i++)
            {
                next[i] = Find(lower, 0, _entries[i]);
            }

            if (!TryNext(lower, 0, next, out var match))
            {
                return null;
            }

            var output = new ArrayBufferWriter<byte>(octets.Length + 64);
            var position = 0;
            do
            {
                output.Write(octets[position..match.Start]);
                output.Write(match.Entry.SubstituteLocal);
                output.Write(octets.Slice(match.Separator, match.SeparatorLength));
                output.Write(match.Entry.SubstituteDomain);
                position = match.End;
            }
            while (TryNext(lower, position, next, out match));
            output.Write(octets[position..]);
            return output.WrittenSpan.ToArray();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>
    /// The first match from <paramref name="from"/> on, of several at one place the longest. Each entry's next match is
    /// remembered, so that the text is gone through once for each entry, however many matches there are.
    /// </summary>
    private bool TryNext(ReadOnlySpan<byte> lower, int from, Match[] next, out Match best)
    {
        best = default;
        for (var i = 0; i < next.Length; i++)
        {
            if (next[i].Entry is not null && next[i].Start < from)
            {
                next[i] = Find(lower, from, _entries[i]);
            }

            var match = next[i];
            if (match.Entry is not null
                && (best.Entry is null || match.Start < best.Start || (match.Start == best.Start && match.End > best.End)))
            {
                best = match;
            }
        }

        return best.Entry is not null;
    }

    /// <summary>An entry's first match; one without an entry where there is none.</summary>
    private static Match Find(ReadOnlySpan<byte> lower, int from, Entry entry)
    {
        for (var position = from; lower[position..].IndexOf(entry.Domain) is >= 0 and var offset; position += offset + 1)
        {
            if (TryMatch(lower, from, position + offset, entry, out var match))
            {
                return match;
            }
        }

        return default;
    }

    private static bool TryMatch(ReadOnlySpan<byte> lower, int from, int domain, Entry entry, out Match match)
    {
        match = default;
        var end = domain + entry.Domain.Length;
        if (end < lower.Length && ContinuesDomain(lower[end..]))
        {
            return false;
        }

        foreach (var separator in Separators)
        {
            var before = lower[from..domain];
            if (!before.EndsWith(separator))
            {
                continue;
            }

            before = before[..^separator.Length];
            var local = before.EndsWith(entry.Local) ? before.Length - entry.Local.Length : Tagged(before, entry.Local);
            if (local >= 0 && !ContinuesLocal(lower[..(from + local)]))
            {
                match = new Match(from + local, from + before.Length, end, entry, separator.Length);
                return true;
            }
        }

        return false;
    }

    /// <summary>Where "local+tag" begins that <paramref name="before"/> ends with; -1 where it does not.</summary>
    private static int Tagged(ReadOnlySpan<byte> before, ReadOnlySpan<byte> local)
    {
        for (var i = before.Length - 1; i >= 0 && before.Length - i <= LongestTag; i--)
        {
            if (before[i] == (byte)'+' && before[..i].EndsWith(local))
            {
                return i - local.Length;
            }

            if (!IsAtom(before[i]))
            {
                return -1;
            }
        }

        return -1;
    }

    /// <summary>A dot does not count: "jane@home.example.pdf" is a file that tells the address, and a longer domain is rare.</summary>
    private static bool ContinuesDomain(ReadOnlySpan<byte> after) => char.IsAsciiLetterOrDigit((char)after[0]) || after[0] == (byte)'-';

    private static bool ContinuesLocal(ReadOnlySpan<byte> before)
    {
        // "%3Ajane%40…": the digits belong to a character that was percent-encoded.
        var isEscaped = before.Length > 2 && before[^3] is (byte)'%' && char.IsAsciiHexDigit((char)before[^2]) && char.IsAsciiHexDigit((char)before[^1]);
        return !before.IsEmpty && !isEscaped && (char.IsAsciiLetterOrDigit((char)before[^1]) || before[^1] is (byte)'.' or (byte)'_' or (byte)'-' or (byte)'+');
    }

    private static bool IsAtom(byte octet) => char.IsAsciiLetterOrDigit((char)octet) || octet is (byte)'.' or (byte)'_' or (byte)'-' or (byte)'+' or (byte)'=';

    private static byte[] Lower(string text) => Encoding.UTF8.GetBytes(text.ToLowerInvariant());

    private static void ToLower(ReadOnlySpan<byte> octets, Span<byte> lower)
    {
        for (var i = 0; i < octets.Length; i++)
        {
            lower[i] = octets[i] is >= (byte)'A' and <= (byte)'Z' ? (byte)(octets[i] | 0x20) : octets[i];
        }
    }
}
