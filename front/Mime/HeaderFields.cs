namespace Smtpy.Web.Mime;

/// <summary>One header field as it is spelled. The value keeps its folds (RFC 5322 section 2.2.3) but not its final line end.</summary>
internal readonly record struct RawField(ReadOnlyMemory<byte> Name, ReadOnlyMemory<byte> Value);

/// <summary>Splits a header block without judging it: what is shown must be what came.</summary>
internal static class HeaderFields
{
    /// <summary>
    /// The fields up to the empty line, the first line that cannot be a field (where receivers take the body to begin), or
    /// the end of the octets.
    /// </summary>
    public static IEnumerable<RawField> Split(ReadOnlyMemory<byte> octets)
    {
        var start = 0;
        while (start < octets.Length)
        {
            var colon = FindColon(octets.Span[start..]);
            if (colon <= 0)
            {
                yield break;
            }

            var end = FindFieldEnd(octets.Span, start);
            var value = octets[(start + colon + 1)..end];
            yield return new RawField(octets.Slice(start, colon).TrimEnd(" \t"u8), value.TrimEnd("\r\n"u8));
            start = end;
        }
    }

    /// <summary>Where the name ends, or −1 where the line is no field: no colon in it, or white space before any name.</summary>
    private static int FindColon(ReadOnlySpan<byte> line)
    {
        var stop = line.IndexOfAny(":\n"u8);
        return stop > 0 && line[stop] == ':' && line[0] is not ((byte)' ' or (byte)'\t') ? stop : -1;
    }

    private static int FindFieldEnd(ReadOnlySpan<byte> octets, int start)
    {
        while (true)
        {
            var lineEnd = octets[start..].IndexOf((byte)'\n');
            if (lineEnd < 0)
            {
                return octets.Length;
            }

            start += lineEnd + 1;
            if (start == octets.Length || octets[start] is not ((byte)' ' or (byte)'\t'))
            {
                return start;
            }
        }
    }
}
