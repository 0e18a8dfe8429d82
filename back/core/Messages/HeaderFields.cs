using System.Text;
using Smtpy.Mail.Headers;

namespace Smtpy.Core.Messages;

/// <summary>Header fields for people to look at: unfolded (RFC 5322 section 2.2.3), never used to build a message.</summary>
internal static class HeaderFields
{
    /// <summary>More than this of a head is no use on a screen.</summary>
    private const int Longest = 256 * 1024;

    public static IReadOnlyList<HeaderField> Read(ReadOnlySpan<byte> octets)
    {
        var fields = new List<HeaderField>();
        foreach (var field in new HeaderBlock(octets[..Math.Min(octets.Length, Longest)]))
        {
            if (!field.Name.IsEmpty)
            {
                fields.Add(new HeaderField(Encoding.UTF8.GetString(field.Name), field.Value()));
            }
        }

        return fields;
    }
}
