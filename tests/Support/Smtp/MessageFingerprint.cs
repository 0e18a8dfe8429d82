using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Smtpy.Tests.Support.Smtp;

/// <summary>What identifies a message and tells whether its body is still the same.</summary>
/// <param name="MessageId">With its angle brackets; empty where there is none.</param>
/// <param name="BodyHash">First 64 bits of the SHA-256 of everything after the head.</param>
public readonly record struct MessageFingerprint(string MessageId, ulong BodyHash)
{
    /// <param name="message">CRLF line ends, not dot-stuffed.</param>
    public static MessageFingerprint Of(ReadOnlySpan<byte> message)
    {
        var headEnd = message.IndexOf("\r\n\r\n"u8);
        var head = headEnd < 0 ? message : message[..(headEnd + 2)];
        var body = headEnd < 0 ? default : message[(headEnd + 4)..];
        return new MessageFingerprint(FindMessageId(head), Hash(body));
    }

    public static ulong Hash(ReadOnlySpan<byte> body)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(body, hash);
        return BinaryPrimitives.ReadUInt64BigEndian(hash);
    }

    private static string FindMessageId(ReadOnlySpan<byte> head)
    {
        while (!head.IsEmpty)
        {
            var end = head.IndexOf("\r\n"u8);
            var line = end < 0 ? head : head[..end];
            if (line.Length > 11 && Ascii.EqualsIgnoreCase(line[..11], "Message-ID:"u8))
            {
                return Encoding.UTF8.GetString(line[11..]).Trim();
            }

            head = end < 0 ? default : head[(end + 2)..];
        }

        return "";
    }
}
