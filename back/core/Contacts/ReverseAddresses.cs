using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace Smtpy.Core.Contacts;

/// <summary>
/// Makes reverse addresses. The local part is drawn by a keyed hash, so that every process that meets a contact for the first time
/// draws the same one and none has to ask; to everybody else it is random, and two of one contact have nothing in common.
/// </summary>
public sealed class ReverseAddresses(byte[] secret)
{
    /// <summary>120 bits: nobody finds one by trying.</summary>
    private const int Octets = 15;

    private const int Length = Octets * 8 / 5;

    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";

    private static readonly SearchValues<char> Letters = SearchValues.Create(Alphabet);

    private readonly byte[] _key = HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, 32, info: "smtpy reverse address"u8.ToArray());

    /// <param name="aliasAddress">Lower case.</param>
    /// <param name="contactAddress">Lower case.</param>
    /// <param name="domain">The alias's own where it is ready to send, else the instance's host name.</param>
    /// <param name="salt">Empty at first; anything random to give a contact another one.</param>
    public string For(string aliasAddress, string contactAddress, string domain, string salt = "")
    {
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"{aliasAddress}\n{contactAddress}\n{salt}"), mac);
        var address = new StringBuilder(Length + 1 + domain.Length);
        int buffer = 0, bits = 0;
        foreach (var octet in mac[..Octets])
        {
            buffer = ((buffer & 31) << 8) | octet;
            for (bits += 8; bits >= 5; bits -= 5)
            {
                address.Append(Alphabet[(buffer >> (bits - 5)) & 31]);
            }
        }

        return address.Append('@').Append(domain).ToString();
    }

    /// <summary>False saves the question to the database.</summary>
    /// <param name="localPart">Lower case.</param>
    public static bool LooksLikeOne(ReadOnlySpan<char> localPart) => localPart.Length == Length && !localPart.ContainsAnyExcept(Letters);

    /// <summary>
    /// Whether an address that is none now was surely one: no catch-all may take it, or an answer to a contact would come back to its writer.
    /// A word of 24 letters is somebody's choice; of the drawn ones all but 0.7 % have a digit.
    /// </summary>
    /// <param name="localPart">Lower case.</param>
    public static bool WasOne(ReadOnlySpan<char> localPart) => LooksLikeOne(localPart) && localPart.ContainsAnyInRange('2', '7');
}
