using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Smtpy.Smtp.Route;

/// <summary>
/// Our envelope senders: <c>b-ID-MAC@hostname</c> (variable envelope return path). A bounce that comes home names its
/// message, and nobody else can make such an address up.
/// </summary>
public sealed class ReturnPaths(string hostname, byte[] secret)
{
    private const string Prefix = "b-";

    /// <summary>80 bits: far beyond guessing at the rate a server answers RCPT.</summary>
    private const int MacLength = 10;

    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";

    private readonly byte[] _key = HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, 32, info: "smtpy return path"u8.ToArray());

    /// <summary>The envelope sender for a forwarded message; the null reverse path stays null (RFC 5321 section 4.5.5).</summary>
    public string For(long messageId, string sender) =>
        sender.Length == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{Prefix}{messageId}-{Mac(messageId)}@{hostname}");

    /// <summary>Recognises one of ours, in any case: relays are known to change it.</summary>
    public bool TryParse(string localPart, string domain, out long messageId)
    {
        messageId = 0;
        if (!domain.Equals(hostname, StringComparison.OrdinalIgnoreCase)
            || !localPart.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var dash = localPart.IndexOf('-', Prefix.Length);
        return dash > 0
            && long.TryParse(localPart.AsSpan(Prefix.Length, dash - Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out messageId)
            && CryptographicOperations.FixedTimeEquals(
                Encoding.UTF8.GetBytes(localPart[(dash + 1)..].ToLowerInvariant()), Encoding.UTF8.GetBytes(Mac(messageId)));
    }

    private string Mac(long messageId)
    {
        Span<byte> text = stackalloc byte[20];
        Utf8Formatter.TryFormat(messageId, text, out var length);
        Span<byte> mac = stackalloc byte[32];
        HMACSHA256.HashData(_key, text[..length], mac);
        return string.Create(MacLength * 8 / 5, mac[..MacLength].ToArray(), static (chars, octets) =>
        {
            int buffer = 0, bits = 0, at = 0;
            foreach (var octet in octets)
            {
                buffer = (buffer << 8) | octet;
                for (bits += 8; bits >= 5; bits -= 5)
                {
                    chars[at++] = Alphabet[(buffer >> (bits - 5)) & 31];
                }

                buffer &= 31;
            }
        });
    }
}
