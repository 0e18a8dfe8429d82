using System.Text;
using Smtpy.Mail.Headers;

namespace Smtpy.Mail.TlsPolicy;

/// <summary>The header field "TLS-Required" (RFC 8689 section 5).</summary>
public static class TlsRequiredField
{
    /// <summary>
    /// True for the one field "TLS-Required: No". Any other value means nothing (section 5), and where the field stands twice, it is
    /// not clear what the sender wants: then the stricter reading holds.
    /// </summary>
    public static bool SaysNo(ReadOnlySpan<byte> message)
    {
        var block = new HeaderBlock(message);
        return block.Count("TLS-Required"u8) == 1
            && block.TryFind("TLS-Required"u8, out var field)
            && Ascii.EqualsIgnoreCase(field.RawValue.Trim(" \t\r\n"u8), "No"u8);
    }
}
