using System.Globalization;
using System.Text;

namespace Smtpy.Mail.Dkim;

/// <summary>Takes the tags of a signature out of their list; the first one that is wrong is told as <see cref="Fault"/>.</summary>
internal sealed class SignatureTags(TagList list)
{
    public string? Fault { get; private set; }

    /// <summary>
    /// A value that white space may stand around but not within: RFC 6376 section 3.5 has folding inside base64 and quoted-printable only,
    /// and who reads another value elsewhere would not read this one.
    /// </summary>
    public string Required(ReadOnlySpan<byte> name)
    {
        var value = RequiredCompact(name);
        if (list.Text(name) is { } text && text.Length != value.Length)
        {
            Fail($"{Encoding.ASCII.GetString(name)}= has white space in it");
        }

        return value;
    }

    public string DomainName(ReadOnlySpan<byte> name)
    {
        var value = Required(name);
        if (Addresses.DomainName.TryNormalize(value, out var normalized))
        {
            return normalized;
        }

        Fail($"{Encoding.ASCII.GetString(name)}= is not a domain name");
        return "";
    }

    public byte[] Base64(ReadOnlySpan<byte> name)
    {
        var value = RequiredCompact(name);
        var decoded = new byte[value.Length];
        if (Convert.TryFromBase64String(value, decoded, out var length))
        {
            return decoded.AsSpan(0, length).ToArray();
        }

        Fail($"{Encoding.ASCII.GetString(name)}= is not base64");
        return [];
    }

    /// <summary>Seconds since 1970 (or octets, for l=); null where the tag is missing. Too many digits are as good as the largest number.</summary>
    public long? Number(ReadOnlySpan<byte> name)
    {
        if (list.Text(name) is not { } value)
        {
            return null;
        }

        if (value.Length is 0 or > 76 || value.AsSpan().ContainsAnyExceptInRange('0', '9'))
        {
            Fail($"{Encoding.ASCII.GetString(name)}= is not a number");
            return null;
        }

        return long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : long.MaxValue;
    }

    /// <summary>c=: header and body; what is not said is simple (RFC 6376 section 3.5).</summary>
    public (Canonicalization Header, Canonicalization Body) Canonicalizations()
    {
        var value = list.Text("c"u8) ?? "simple";
        var slash = value.IndexOf('/', StringComparison.Ordinal);
        return slash < 0
            ? (Canonicalization(value), Dkim.Canonicalization.Simple)
            : (Canonicalization(value[..slash]), Canonicalization(value[(slash + 1)..]));
    }

    /// <summary>The colon-separated names of h=.</summary>
    /// <param name="mayBeBlank">Whether names that are missing between colons are passed over, and all may be missing.</param>
    public List<ReadOnlyMemory<byte>> HeaderNames(bool mayBeBlank)
    {
        List<ReadOnlyMemory<byte>> names = [];
        if (!list.TryGet("h"u8, out var rest) || (rest.IsEmpty && !mayBeBlank))
        {
            Fail("h= is missing");
            return names;
        }

        while (true)
        {
            var colon = rest.Span.IndexOf((byte)':');
            var name = (colon < 0 ? rest : rest[..colon]).Trim(" \t\r\n"u8);
            if ((name.IsEmpty && !mayBeBlank) || name.Span.ContainsAnyExceptInRange((byte)33, (byte)126))
            {
                Fail("h= is not a list of field names");
            }

            if (!name.IsEmpty)
            {
                names.Add(name);
            }

            if (colon < 0)
            {
                return names;
            }

            rest = rest[(colon + 1)..];
        }
    }

    /// <summary>Verifiers pass over query methods they do not know; one must be known (RFC 6376 section 3.5).</summary>
    public void CheckQueryMethod()
    {
        if (list.Parts("q"u8) is { } methods
            && !methods.Any(method => method.Equals("dns/txt", StringComparison.OrdinalIgnoreCase)))
        {
            Fail("q= names no known way to the key");
        }
    }

    public void Fail(string reason) => Fault ??= reason;

    private string RequiredCompact(ReadOnlySpan<byte> name)
    {
        var value = list.Compact(name);
        if (string.IsNullOrEmpty(value))
        {
            Fail($"{Encoding.ASCII.GetString(name)}= is missing");
        }

        return value ?? "";
    }

    private Canonicalization Canonicalization(string value)
    {
        if (value.Equals("relaxed", StringComparison.OrdinalIgnoreCase))
        {
            return Dkim.Canonicalization.Relaxed;
        }

        if (!value.Equals("simple", StringComparison.OrdinalIgnoreCase))
        {
            Fail("c= is not known");
        }

        return Dkim.Canonicalization.Simple;
    }
}
