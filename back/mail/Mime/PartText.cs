using System.Buffers;
using System.Text;
using Smtpy.Mail.Headers;

namespace Smtpy.Mail.Mime;

/// <summary>
/// The text of a part with its transfer encoding undone, in a character set that has ASCII as ASCII: octets of UTF-16 are
/// taken to UTF-8, all others stay as they are, since addresses are found in them all the same.
/// </summary>
internal sealed class PartText
{
    private readonly TransferKind _transfer;
    private readonly Encoding? _wide;

    private PartText(byte[] octets, TransferKind transfer, Encoding? wide)
    {
        Octets = octets;
        _transfer = transfer;
        _wide = wide;
    }

    public byte[] Octets { get; }

    public static PartText Read(EntityHead head, ReadOnlySpan<byte> body)
    {
        var decoded = new ArrayBufferWriter<byte>(body.Length + 4);
        TransferEncoding.Decode(head.Transfer, body, decoded);
        var octets = decoded.WrittenSpan.ToArray();
        var wide = Wide(head.Charset, octets);
        return new PartText(wide is null ? octets : Encoding.UTF8.GetBytes(wide.GetString(octets)), head.Transfer, wide);
    }

    /// <summary>Changed octets as a body with the old transfer encoding, or in quoted-printable where they do not fit that.</summary>
    /// <param name="oldBody">Tells whether the body has a line end at its end.</param>
    public ReadOnlyMemory<byte> Encode(byte[] changed, ReadOnlySpan<byte> oldBody, out TransferKind transfer)
    {
        var octets = _wide is null ? changed : _wide.GetBytes(Encoding.UTF8.GetString(changed));
        transfer = _transfer == TransferKind.Identity && !Fits(octets, oldBody) ? TransferKind.QuotedPrintable : _transfer;
        var body = new ArrayBufferWriter<byte>((octets.Length * 3 / 2) + 16);
        TransferEncoding.Encode(transfer, octets, body);
        var written = body.WrittenMemory;
        return transfer == TransferKind.Base64 && !oldBody.EndsWith("\n"u8) && written.Span.EndsWith("\r\n"u8) ? written[..^2] : written;
    }

    /// <summary>Lines of 998 octets (RFC 5322 section 2.1.1), and nothing beyond ASCII where there was nothing before.</summary>
    private static bool Fits(ReadOnlySpan<byte> octets, ReadOnlySpan<byte> oldBody)
    {
        if (!Ascii.IsValid(octets) && Ascii.IsValid(oldBody))
        {
            return false;
        }

        while (!octets.IsEmpty)
        {
            var end = octets.IndexOf("\r\n"u8);
            if ((end < 0 ? octets.Length : end) > FoldedField.LongestLine)
            {
                return false;
            }

            octets = octets[(end < 0 ? octets.Length : end + 2)..];
        }

        return true;
    }

    private static Encoding? Wide(string charset, ReadOnlySpan<byte> octets) => charset.ToUpperInvariant() switch
    {
        "UTF-16LE" => Encoding.Unicode,
        "UTF-16BE" => Encoding.BigEndianUnicode,
        "UTF-16" => octets.StartsWith<byte>([0xFF, 0xFE]) ? Encoding.Unicode : Encoding.BigEndianUnicode,
        "UTF-32" or "UTF-32LE" => Encoding.UTF32,
        _ => null,
    };
}
