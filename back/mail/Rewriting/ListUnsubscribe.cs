using System.Text;

namespace Smtpy.Mail.Rewriting;

/// <summary>What the unsubscribe button of the owner's mail client does. The numbers are stored: never change one.</summary>
public enum UnsubscribeChoice
{
    /// <summary>The sender's own links, as far as they are web links.</summary>
    Keep = 0,

    /// <summary>Disables the alias.</summary>
    DisableAlias = 1,

    /// <summary>Blocks the sender on this alias.</summary>
    BlockSender = 2,
}

/// <summary>Reads List-Unsubscribe (RFC 2369 section 3.2, RFC 8058).</summary>
public static class ListUnsubscribe
{
    /// <summary>Links read of one field; more than two, a web and a mail link, are not seen in use.</summary>
    public const int MostLinks = 10;

    /// <summary>Octets of a link; longer ones do not fit a header line (RFC 5322 section 2.1.1).</summary>
    public const int LongestLink = 900;

    /// <summary>The URIs in angle brackets, in order; white space inside them comes from folding and is removed.</summary>
    public static IReadOnlyList<string> Links(ReadOnlySpan<byte> value)
    {
        var links = new List<string>();
        while (links.Count < MostLinks)
        {
            var start = value.IndexOf((byte)'<');
            if (start < 0)
            {
                break;
            }

            value = value[(start + 1)..];
            var end = value.IndexOf((byte)'>');
            if (end < 0)
            {
                break;
            }

            if (Clean(value[..end]) is { } link)
            {
                links.Add(link);
            }

            value = value[(end + 1)..];
        }

        return links;
    }

    /// <summary>The https links only.</summary>
    public static IReadOnlyList<string> WebLinks(ReadOnlySpan<byte> value) =>
        [.. Links(value).Where(link => link.StartsWith("https://", StringComparison.OrdinalIgnoreCase))];

    private static string? Clean(ReadOnlySpan<byte> spelt)
    {
        if (spelt.Length > LongestLink)
        {
            return null;
        }

        Span<byte> link = stackalloc byte[spelt.Length];
        var length = 0;
        foreach (var octet in spelt)
        {
            if (octet is > 32 and < 127)
            {
                link[length++] = octet;
            }
            else if (octet is not ((byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n'))
            {
                return null;
            }
        }

        return length == 0 ? null : Encoding.ASCII.GetString(link[..length]);
    }
}
