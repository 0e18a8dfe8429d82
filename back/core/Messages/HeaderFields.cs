using System.Text;

namespace Smtpy.Core.Messages;

/// <summary>Header fields for people to look at: unfolded (RFC 5322 section 2.2.3), never used to build a message.</summary>
internal static class HeaderFields
{
    /// <summary>More than this of a head is no use on a screen.</summary>
    private const int Longest = 256 * 1024;

    public static IReadOnlyList<HeaderField> Read(ReadOnlySpan<byte> octets)
    {
        var fields = new List<HeaderField>();
        var rest = octets[..Math.Min(octets.Length, Longest)];
        var field = new StringBuilder();
        while (!rest.IsEmpty)
        {
            var end = rest.IndexOf("\r\n"u8);
            var line = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[(end + 2)..];
            if (line.IsEmpty)
            {
                break;
            }

            if (line[0] is not ((byte)' ' or (byte)'\t'))
            {
                Flush(field, fields);
            }

            field.Append(Encoding.UTF8.GetString(line));
        }

        Flush(field, fields);
        return fields;
    }

    private static void Flush(StringBuilder field, List<HeaderField> fields)
    {
        var text = field.ToString();
        field.Clear();
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon > 0)
        {
            fields.Add(new HeaderField(text[..colon].TrimEnd(), text[(colon + 1)..].Trim()));
        }
    }
}
