using System.Security.Cryptography;
using System.Text;
using Xunit;

namespace Smtpy.EndToEnd.Content;

/// <summary>
/// Compares a message as it was sent with the file a mail server delivered: servers on the way put fields on top, and nothing
/// below those may differ in a single octet.
/// </summary>
public static class Untouched
{
    /// <param name="sent">CRLF line ends.</param>
    /// <param name="delivered">From a Maildir: LF line ends.</param>
    public static void AssertInMaildir(byte[] sent, byte[] delivered) => Compare(ToMaildir(sent), delivered);

    /// <summary>Both with CRLF line ends.</summary>
    public static void AssertOnTheWire(byte[] sent, byte[] delivered) => Compare(sent, delivered);

    private static void Compare(byte[] sent, byte[] delivered)
    {
        Assert.True(
            delivered.Length >= sent.Length,
            $"sent {sent.Length} octets, delivered only {delivered.Length}:\n{Excerpt(delivered)}");
        var tail = delivered.AsSpan(delivered.Length - sent.Length);
        Assert.True(
            SHA256.HashData(tail).AsSpan().SequenceEqual(SHA256.HashData(sent)),
            $"differs at octet {FirstDifference(sent, tail)} of what was sent:\n{Excerpt(delivered)}");
        var added = delivered.AsSpan(0, delivered.Length - sent.Length);
        Assert.True(
            added.IsEmpty || added[^1] == '\n', "our own fields end in the middle of the sender's first line:\n" + Excerpt(delivered));
        Assert.True(added.IndexOf("\n\n"u8) < 0 && added.IndexOf("\n\r\n"u8) < 0, "a blank line above the sender's head:\n" + Excerpt(delivered));
    }

    /// <summary>CRLF becomes LF, as every Maildir writer does; anything else stays.</summary>
    private static byte[] ToMaildir(byte[] wire)
    {
        var result = new byte[wire.Length];
        var length = 0;
        for (var index = 0; index < wire.Length; index++)
        {
            if (wire[index] != '\r' || index + 1 == wire.Length || wire[index + 1] != '\n')
            {
                result[length++] = wire[index];
            }
        }

        return result[..length];
    }

    private static int FirstDifference(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) => left.CommonPrefixLength(right);

    private static string Excerpt(byte[] octets) => Encoding.Latin1.GetString(octets.AsSpan(0, Math.Min(octets.Length, 1500)));
}
