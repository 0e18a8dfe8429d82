using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Smtpy.Mail.Addresses;

namespace Smtpy.Mail.Rewriting;

/// <summary>
/// Hides the owner's message identifiers, which name the mailbox's host, behind tokens at the alias's domain, and finds them
/// again when a contact answers: without a table, for as long as SECRET_KEY stays. docs/forwarding.md describes the scheme.
/// A token belongs to one alias: the same identifier gives different tokens at others, so that contacts cannot link them.
/// </summary>
/// <param name="secret">The instance's secret; the keys are derived from it (HKDF, RFC 5869).</param>
public sealed class MessageIdSeal(ReadOnlyMemory<byte> secret)
{
    /// <summary>Octets of an identifier, brackets not counted, that a token can carry: the token then has 200 characters.</summary>
    public const int LongestSealed = 134;

    private const int TagLength = 16;
    private const int BlockLength = 16;
    private const int MarkLength = 10;
    private const string SealedPrefix = "t.";
    private const string HashedPrefix = "h.";
    private const string MarkPrefix = "r.";
    private readonly byte[] _macKey = HKDF.DeriveKey(HashAlgorithmName.SHA256, secret.ToArray(), 32, info: "smtpy message-id mac"u8.ToArray());
    private readonly byte[] _cipherKey = HKDF.DeriveKey(HashAlgorithmName.SHA256, secret.ToArray(), 32, info: "smtpy message-id cipher"u8.ToArray());

    /// <summary>The token for an identifier; the same one each time. One that is too long gets a hash, which nothing opens.</summary>
    /// <param name="id">With its angle brackets.</param>
    public string Seal(string id, EmailAddress alias)
    {
        ArgumentNullException.ThrowIfNull(id);
        ArgumentNullException.ThrowIfNull(alias);
        var plain = Encoding.UTF8.GetBytes(id.Trim('<', '>'));
        if (plain.Length > LongestSealed)
        {
            Span<byte> hash = stackalloc byte[TagLength];
            Tag(HashedPrefix, plain, alias, hash);
            return Spell(HashedPrefix, hash, alias);
        }

        Span<byte> octets = stackalloc byte[TagLength + plain.Length];
        Tag(SealedPrefix, plain, alias, octets[..TagLength]);
        Crypt(plain, octets[..TagLength], octets[TagLength..]);
        return Spell(SealedPrefix, octets, alias);
    }

    /// <summary>What was sealed, with its angle brackets; null for anything that is not a token of this alias.</summary>
    public string? Open(string id, EmailAddress alias)
    {
        ArgumentNullException.ThrowIfNull(id);
        ArgumentNullException.ThrowIfNull(alias);
        Span<byte> octets = stackalloc byte[TagLength + LongestSealed];
        if (!TryDecode(SealedPrefix, id, alias, octets, out var written) || written <= TagLength)
        {
            return null;
        }

        var plain = new byte[written - TagLength];
        Crypt(octets[TagLength..written], octets[..TagLength], plain);
        Span<byte> tag = stackalloc byte[TagLength];
        Tag(SealedPrefix, plain, alias, tag);
        return CryptographicOperations.FixedTimeEquals(tag, octets[..TagLength]) ? $"<{Encoding.UTF8.GetString(plain)}>" : null;
    }

    /// <summary>An identifier that says: the message <paramref name="id"/> came from a contact through this alias.</summary>
    public string Mark(string id, EmailAddress alias)
    {
        ArgumentNullException.ThrowIfNull(id);
        ArgumentNullException.ThrowIfNull(alias);
        Span<byte> tag = stackalloc byte[TagLength];
        Tag(MarkPrefix, Encoding.UTF8.GetBytes(id.Trim('<', '>')), alias, tag);
        return Spell(MarkPrefix, tag[..MarkLength], alias);
    }

    /// <summary>Whether an identifier looks like a mark of this alias; such ones never leave towards a contact.</summary>
    public static bool IsMark(string id, EmailAddress alias)
    {
        ArgumentNullException.ThrowIfNull(id);
        ArgumentNullException.ThrowIfNull(alias);
        return TryDecode(MarkPrefix, id, alias, stackalloc byte[TagLength + LongestSealed], out var written) && written == MarkLength;
    }

    /// <summary>Whether an identifier is one that <see cref="Seal"/> gave a contact, as far as its spelling tells.</summary>
    internal static bool IsToken(string id, EmailAddress alias)
    {
        Span<byte> octets = stackalloc byte[TagLength + LongestSealed];
        return TryDecode(SealedPrefix, id, alias, octets, out _) || TryDecode(HashedPrefix, id, alias, octets, out _);
    }

    private static string Spell(string prefix, ReadOnlySpan<byte> octets, EmailAddress alias) =>
        $"<{prefix}{Base64Url.EncodeToString(octets)}@{alias.Domain}>";

    private static bool TryDecode(string prefix, string id, EmailAddress alias, Span<byte> octets, out int written)
    {
        written = 0;
        var text = id.AsSpan().TrimStart('<').TrimEnd('>');
        return text.StartsWith(prefix, StringComparison.Ordinal)
            && MessageId.DomainOf(text).Equals(alias.Domain, StringComparison.OrdinalIgnoreCase)
            && text[prefix.Length..text.LastIndexOf('@')] is { IsEmpty: false } token
            && Base64Url.IsValid(token, out var length) && length <= octets.Length
            && Base64Url.TryDecodeFromChars(token, octets, out written);
    }

    /// <summary>A synthetic initialisation vector, as in AES-SIV (RFC 5297): equal input, equal token, and no nonce to repeat.</summary>
    private void Tag(string purpose, ReadOnlySpan<byte> plain, EmailAddress alias, Span<byte> tag)
    {
        using var mac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _macKey);
        mac.AppendData(Encoding.UTF8.GetBytes($"{purpose}{alias.LocalPart.ToLowerInvariant()}@{alias.Domain}\0"));
        mac.AppendData(plain);
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        mac.GetHashAndReset(hash);
        hash[..tag.Length].CopyTo(tag);
    }

    /// <summary>AES in counter mode (NIST SP 800-38A section 6.5) from the tag on: encrypting and decrypting are the same.</summary>
    private void Crypt(ReadOnlySpan<byte> input, ReadOnlySpan<byte> tag, Span<byte> output)
    {
        var blocks = (input.Length + BlockLength - 1) / BlockLength;
        Span<byte> counters = stackalloc byte[blocks * BlockLength];
        var counter = BinaryPrimitives.ReadUInt64BigEndian(tag[8..]);
        for (var i = 0; i < blocks; i++)
        {
            tag[..8].CopyTo(counters[(i * BlockLength)..]);
            BinaryPrimitives.WriteUInt64BigEndian(counters[((i * BlockLength) + 8)..], unchecked(counter + (ulong)i));
        }

        using var aes = Aes.Create();
        aes.Key = _cipherKey;
        Span<byte> stream = stackalloc byte[counters.Length];

#pragma warning disable CA5358 // Each block is a counter that never repeats under one tag: this is counter mode, which .NET has no class for.
        aes.EncryptEcb(counters, stream, PaddingMode.None);
#pragma warning restore CA5358
        for (var i = 0; i < input.Length; i++)
        {
            output[i] = (byte)(input[i] ^ stream[i]);
        }
    }
}
