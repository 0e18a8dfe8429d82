using System.Buffers;
using System.Buffers.Text;

namespace Smtpy.Mail.Encryption;

/// <summary>
/// Reads blocks of "-----BEGIN LABEL-----" text: PEM (RFC 7468) and OpenPGP's armour (RFC 9580 section 6.2). Text around a
/// block is passed over. The armour's checksum is not compared: section 6.1 forbids to reject for it.
/// </summary>
internal readonly ref struct KeyArmor(ReadOnlySpan<byte> text)
{
    private static ReadOnlySpan<byte> Begin => "-----BEGIN "u8;

    private static ReadOnlySpan<byte> Dashes => "-----"u8;

    private readonly ReadOnlySpan<byte> _text = text;

    public bool IsArmored => _text.IndexOf(Begin) >= 0;

    /// <summary>Whether any block is a private key: "PRIVATE KEY", "RSA PRIVATE KEY", "PGP PRIVATE KEY BLOCK" …</summary>
    public bool HoldsPrivateKey
    {
        get
        {
            for (var rest = _text; TryNext(ref rest, out var label, out _);)
            {
                if (label.IndexOf("PRIVATE KEY"u8) >= 0)
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>Decodes every block of this label; damaged ones are null.</summary>
    /// <param name="limit">No more blocks than this are decoded.</param>
    public List<byte[]?> Decode(ReadOnlySpan<byte> label, int limit)
    {
        var blocks = new List<byte[]?>();
        for (var rest = _text; blocks.Count < limit && TryNext(ref rest, out var found, out var content);)
        {
            if (found.SequenceEqual(label))
            {
                blocks.Add(DecodeContent(content));
            }
        }

        return blocks;
    }

    private static bool TryNext(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> label, out ReadOnlySpan<byte> content)
    {
        label = default;
        content = default;
        var begin = rest.IndexOf(Begin);
        if (begin < 0)
        {
            return false;
        }

        rest = rest[(begin + Begin.Length)..];
        var labelEnd = rest.IndexOf(Dashes);
        if (labelEnd < 0)
        {
            return false;
        }

        label = rest[..labelEnd];
        rest = rest[(labelEnd + Dashes.Length)..];

        // A block that has lost its end is still named, and is damaged.
        var end = rest.IndexOf("-----END "u8);
        content = end < 0 ? default : rest[..end];
        rest = rest[Math.Max(end, 0)..];
        return true;
    }

    private static byte[]? DecodeContent(ReadOnlySpan<byte> content)
    {
        content = SkipHeaders(content);
        var checksum = content.LastIndexOf("\n="u8);
        if (checksum >= 0)
        {
            content = content[..checksum];
        }

        var octets = new byte[Base64.GetMaxDecodedFromUtf8Length(content.Length) + 3];
        return Base64.DecodeFromUtf8(content, octets, out _, out var written) == OperationStatus.Done && written > 0
            ? octets[..written]
            : null;
    }

    // "Comment: x" and the like, up to an empty line.
    private static ReadOnlySpan<byte> SkipHeaders(ReadOnlySpan<byte> content)
    {
        while (content.LastIndexOf((byte)':') is var colon and >= 0)
        {
            var lineEnd = content[colon..].IndexOf((byte)'\n');
            if (lineEnd < 0)
            {
                return default;
            }

            content = content[(colon + lineEnd + 1)..];
        }

        return content;
    }
}
