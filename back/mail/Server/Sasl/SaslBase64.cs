using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;

namespace Smtpy.Mail.Server.Sasl;

/// <summary>Base64 as AUTH lines and SCRAM attributes have it: with padding and without white space (RFC 4648 section 4).</summary>
internal static class SaslBase64
{
    public static bool TryDecode(ReadOnlySpan<byte> text, [NotNullWhen(true)] out byte[]? octets)
    {
        octets = null;

        // The decoder skips white space; the grammar of RFC 4954 section 8 has none.
        if (text.ContainsAny(" \t\r\n"u8))
        {
            return false;
        }

        var room = new byte[Base64.GetMaxDecodedFromUtf8Length(text.Length)];
        if (Base64.DecodeFromUtf8(text, room, out var read, out var length) != OperationStatus.Done || read != text.Length)
        {
            return false;
        }

        octets = room.Length == length ? room : room[..length];
        return true;
    }
}
