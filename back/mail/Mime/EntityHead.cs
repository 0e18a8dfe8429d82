using System.Text;
using MimeKit;
using Smtpy.Mail.Headers;

namespace Smtpy.Mail.Mime;

/// <summary>What the header of a MIME entity says of its body (RFC 2045).</summary>
/// <param name="Type">"text/plain" and the like, lower case.</param>
/// <param name="Boundary">Of a multipart; empty where there is none.</param>
internal sealed record EntityHead(string Type, string Boundary, string Charset, TransferKind Transfer, bool IsAttachment)
{
    /// <summary>RFC 2046 section 5.1.1 allows 70; a longer one that is used still parts the body.</summary>
    private const int LongestBoundary = 200;

    public bool IsMultipart => Boundary.Length > 0 && Type.StartsWith("multipart/", StringComparison.Ordinal);

    public bool IsMessage => Type is "message/rfc822" or "message/global" && Transfer == TransferKind.Identity;

    public bool IsText => Type.StartsWith("text/", StringComparison.Ordinal);

    /// <summary>Of calendars and address cards, whose long lines go on after a line end and a space (RFC 5545 section 3.1, RFC 6350 section 3.2).</summary>
    public bool HasFoldedLines => Type is "text/calendar" or "text/vcard" or "text/x-vcard" or "text/directory";

    /// <summary>
    /// A message or multipart in a transfer encoding, which no standard allows (RFC 2045 section 6.4), or in an unknown one: readers differ in what they make of it.
    /// </summary>
    public bool IsOpaque => Transfer == TransferKind.Unknown
        || (Transfer != TransferKind.Identity && (Type is "message/rfc822" or "message/global" || Type.StartsWith("multipart/", StringComparison.Ordinal)));

    /// <summary>Signed or encrypted (RFC 1847, RFC 8551): a changed octet breaks it.</summary>
    public bool IsProtected => Type is "multipart/signed" or "multipart/encrypted" or "application/pkcs7-mime" or "application/x-pkcs7-mime";

    public static EntityHead Read(ReadOnlySpan<byte> header)
    {
        var block = new HeaderBlock(header);
        ContentType? type = null;
        if (block.TryFind("Content-Type"u8, out var field))
        {
            _ = ContentType.TryParse(field.RawValue.Trim(" \t\r\n"u8).ToArray(), out type);
        }

        var boundary = type?.Boundary ?? "";
        return new EntityHead(
            type is null ? "text/plain" : type.MimeType.ToLowerInvariant(),
            boundary.Length <= LongestBoundary ? boundary : "",
            type?.Charset ?? "",
            block.TryFind("Content-Transfer-Encoding"u8, out var transfer) ? Kind(transfer.RawValue.Trim(" \t\r\n"u8)) : TransferKind.Identity,
            block.TryFind("Content-Disposition"u8, out var disposition)
                && Ascii.EqualsIgnoreCase(FirstToken(disposition.RawValue.TrimStart(" \t\r\n"u8)), "attachment"u8));
    }

    private static ReadOnlySpan<byte> FirstToken(ReadOnlySpan<byte> value)
    {
        var end = value.IndexOfAny("; \t\r\n"u8);
        return end < 0 ? value : value[..end];
    }

    private static TransferKind Kind(ReadOnlySpan<byte> name)
    {
        name = FirstToken(name);
        return Ascii.EqualsIgnoreCase(name, "base64"u8) ? TransferKind.Base64
            : Ascii.EqualsIgnoreCase(name, "quoted-printable"u8) ? TransferKind.QuotedPrintable
            : Ascii.EqualsIgnoreCase(name, "7bit"u8) || Ascii.EqualsIgnoreCase(name, "8bit"u8) || Ascii.EqualsIgnoreCase(name, "binary"u8)
                ? TransferKind.Identity
                : TransferKind.Unknown;
    }
}
