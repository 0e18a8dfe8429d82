using System.Diagnostics.CodeAnalysis;

namespace Smtpy.Mail.Addresses;

/// <summary>How a foreign server rewrote an envelope sender.</summary>
public enum SenderScheme
{
    /// <summary>Sender Rewriting Scheme, rewritten once ("SRS0").</summary>
    Srs0 = 0,

    /// <summary>Sender Rewriting Scheme, rewritten again ("SRS1").</summary>
    Srs1 = 1,

    /// <summary>Bounce Address Tag Validation (draft-levine-smtp-batv): "prvs=TAG=jane@shop.example".</summary>
    Batv = 2,

    /// <summary>Variable envelope return path: "bounce-jane=mail.example@list.example" names the recipient, not the sender.</summary>
    Verp = 3,
}

/// <summary>
/// An envelope sender that somebody else rewrote, read back. It is anybody's claim: their MAC is not ours to check, so it is
/// good for showing, and for recognising a sender where nothing hangs on it alone.
/// </summary>
/// <param name="Scheme">The outermost one.</param>
/// <param name="Original">The address underneath; with VERP the list's or service's, without the recipient in it.</param>
/// <param name="Recipient">What VERP names; null otherwise.</param>
public sealed record RewrittenSender(SenderScheme Scheme, string Original, string? Recipient)
{
    /// <summary>Forwarders behind forwarders wrap what is wrapped already; an honest chain is no longer than this.</summary>
    private const int MaxLayers = 4;

    /// <summary>
    /// The sender under SRS and BATV; the address itself where there is neither. For comparison with known senders: VERP is
    /// left alone, since it hides no sender.
    /// </summary>
    public static string OriginalOf(string address) =>
        TryRead(address, out var rewritten) && rewritten.Scheme != SenderScheme.Verp ? rewritten.Original : address;

    public static bool TryRead(string address, [NotNullWhen(true)] out RewrittenSender? rewritten)
    {
        ArgumentNullException.ThrowIfNull(address);
        rewritten = null;
        if (!TryUnwrap(address, out var scheme, out var original))
        {
            return TryReadVerp(address, out rewritten);
        }

        for (var layer = 1; layer < MaxLayers && TryUnwrap(original, out _, out var inner); layer++)
        {
            original = inner;
        }

        rewritten = new RewrittenSender(scheme, original, null);
        return true;
    }

    private static bool TryUnwrap(string address, out SenderScheme scheme, [NotNullWhen(true)] out string? original)
    {
        (scheme, original) = (default, null);
        var at = address.LastIndexOf('@');
        if (at < 0 || at > AddressLimits.Path)
        {
            return false;
        }

        var local = address.AsSpan(0, at);
        if (local.Length > 5 && local[4] is '=' or '+' or '-' && local.StartsWith("SRS", StringComparison.OrdinalIgnoreCase))
        {
            scheme = local[3] == '1' ? SenderScheme.Srs1 : SenderScheme.Srs0;
            original = local[3] switch { '0' => FromSrs0(local[5..]), '1' => FromSrs1(local[5..]), _ => null };
        }
        else if (local.StartsWith("prvs=", StringComparison.OrdinalIgnoreCase))
        {
            (scheme, original) = (SenderScheme.Batv, FromBatv(local[5..], address.AsSpan(at + 1)));
        }
        else if (local.StartsWith("btv1==", StringComparison.OrdinalIgnoreCase) && local[6..].IndexOf("==") is var end and > 0)
        {
            (scheme, original) = (SenderScheme.Batv, Valid($"{local[(6 + end + 2)..]}@{address.AsSpan(at + 1)}"));
        }

        return original is not null;
    }

    /// <summary>HHH=TT=domain=local; the local part may have "=" in it, the others cannot.</summary>
    private static string? FromSrs0(ReadOnlySpan<char> rest) =>
        TryCut(ref rest, out _) && TryCut(ref rest, out _) && TryCut(ref rest, out var domain) ? Valid($"{rest}@{domain}") : null;

    /// <summary>HHH=forwarder= and then SRS0's own separator, HHH=TT=domain=local.</summary>
    private static string? FromSrs1(ReadOnlySpan<char> rest) =>
        TryCut(ref rest, out _) && TryCut(ref rest, out _) && rest.Length > 0 && rest[0] is '=' or '+' or '-' ? FromSrs0(rest[1..]) : null;

    /// <summary>The draft's TAG=local, and the older local=TAG; a tag begins with a digit: key number, day, hash.</summary>
    private static string? FromBatv(ReadOnlySpan<char> rest, ReadOnlySpan<char> domain)
    {
        var first = rest.IndexOf('=');
        if (first > 0 && IsBatvTag(rest[..first]))
        {
            return Valid($"{rest[(first + 1)..]}@{domain}");
        }

        var last = rest.LastIndexOf('=');
        return last > 0 && IsBatvTag(rest[(last + 1)..]) ? Valid($"{rest[..last]}@{domain}") : null;
    }

    private static bool IsBatvTag(ReadOnlySpan<char> tag)
    {
        if (tag.Length is < 8 or > 16 || !char.IsAsciiDigit(tag[0]))
        {
            return false;
        }

        foreach (var character in tag)
        {
            if (!char.IsAsciiHexDigit(character))
            {
                return false;
            }
        }

        return true;
    }

    private static bool TryCut(ref ReadOnlySpan<char> rest, out ReadOnlySpan<char> part)
    {
        var end = rest.IndexOf('=');
        part = end < 0 ? default : rest[..end];
        rest = end < 0 ? default : rest[(end + 1)..];
        return end > 0;
    }

    /// <summary>"STEM+user=domain" or "STEM-user=domain", where the stem may have further "-" in it (message numbers, lists).</summary>
    private static bool TryReadVerp(string address, [NotNullWhen(true)] out RewrittenSender? rewritten)
    {
        rewritten = null;
        var at = address.LastIndexOf('@');
        var equals = at <= 0 ? -1 : address.LastIndexOf('=', at - 1);
        if (equals <= 0 || at > AddressLimits.Path)
        {
            return false;
        }

        var before = address.AsSpan(0, equals);
        var separator = before.IndexOf('+');

        // "list-bounces+jane=…" and "bounce+a1b2.c3-jane=…": the recipient begins at the last separator.
        var start = before.LastIndexOfAny('+', '-') + 1;
        separator = separator < 0 ? start - 1 : separator;
        if (separator <= 0 || start >= before.Length)
        {
            return false;
        }

        var recipient = Valid($"{before[start..]}@{address.AsSpan(equals + 1, at - equals - 1)}");
        var original = Valid($"{before[..separator]}@{address.AsSpan(at + 1)}");
        if (recipient is null || original is null || !recipient.AsSpan(recipient.LastIndexOf('@')).Contains('.'))
        {
            return false;
        }

        rewritten = new RewrittenSender(SenderScheme.Verp, original, recipient);
        return true;
    }

    private static string? Valid(string address) => EmailAddress.TryParse(address, out var parsed) ? parsed.Address : null;
}
