using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Smtpy.Mail.Headers;

namespace Smtpy.Mail.Encryption;

/// <summary>
/// Recognises a message that its sender has encrypted: PGP/MIME (RFC 3156), S/MIME enveloped or authenticated-enveloped data
/// (RFC 8551 section 3.3), or a text that is one OpenPGP block. A block that was encoded in base64 once more is not
/// recognised, and encrypted again, which loses nothing.
/// </summary>
public static class EncryptedContent
{
    // Enough for the object identifier that says what a CMS structure is; a whole number of base64 groups.
    private const int CmsPrefix = 64;

    // RFC 5652 section 6.1 and RFC 5083 section 2.1, in DER.
    private static ReadOnlySpan<byte> EnvelopedData => [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x03];

    private static ReadOnlySpan<byte> AuthEnvelopedData => [0x06, 0x0B, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x10, 0x01, 0x17];

    public static bool IsIn(ReadOnlySpan<byte> message)
    {
        var block = new HeaderBlock(message);
        var type = block.TryFind("Content-Type"u8, out var field) ? field.Value() : "";
        var end = type.AsSpan().IndexOfAny(";( \t");
        var media = end < 0 ? type : type[..end];
        if (media.Equals("multipart/encrypted", StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        var body = message[block.Length..];
        if (media.Equals("application/pkcs7-mime", StringComparison.OrdinalIgnoreCase)
            || media.Equals("application/x-pkcs7-mime", StringComparison.OrdinalIgnoreCase))
        {
            return IsEnveloped(type, body);
        }

        return (media.Length == 0 || media.Equals("text/plain", StringComparison.OrdinalIgnoreCase)) && IsOnePgpBlock(body);
    }

    // Old programs leave smime-type out; then the content tells.
    private static bool IsEnveloped(string type, ReadOnlySpan<byte> body)
    {
        if (type.Contains("smime-type", StringComparison.OrdinalIgnoreCase))
        {
            return type.Contains("enveloped-data", StringComparison.OrdinalIgnoreCase);
        }

        body = body.TrimStart("\r\n"u8);
        Span<byte> prefix = stackalloc byte[CmsPrefix / 4 * 3];
        var start = body[..Math.Min(CmsPrefix, body.Length)];
        if (Base64.DecodeFromUtf8(start, prefix, out _, out var length, isFinalBlock: false) is OperationStatus.InvalidData)
        {
            start = start[..Math.Min(prefix.Length, start.Length)];
            start.CopyTo(prefix);
            length = start.Length;
        }

        return prefix[..length].IndexOf(EnvelopedData) >= 0 || prefix[..length].IndexOf(AuthEnvelopedData) >= 0;
    }

    private static bool IsOnePgpBlock(ReadOnlySpan<byte> body)
    {
        body = body.Trim(" \t\r\n"u8);
        return body.StartsWith("-----BEGIN PGP MESSAGE-----"u8) && body.EndsWith("-----END PGP MESSAGE-----"u8)
            && body.LastIndexOf("-----BEGIN "u8) == 0 && body[..^25].LastIndexOf("-----END "u8) < 0;
    }
}
