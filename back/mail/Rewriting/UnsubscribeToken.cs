using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;

namespace Smtpy.Mail.Rewriting;

/// <summary>What became of reading a token.</summary>
public enum TokenState
{
    Valid = 0,

    /// <summary>Ours, but too old.</summary>
    Expired = 1,

    /// <summary>Not ours, or changed.</summary>
    Forged = 2,
}

/// <summary>What an unsubscribe link does.</summary>
/// <param name="ContactId">Whom <see cref="UnsubscribeChoice.BlockSender"/> blocks; empty with the other choices.</param>
public sealed record UnsubscribeOrder(UnsubscribeChoice Choice, Guid AliasId, Guid ContactId);

/// <summary>
/// The token of a one-click unsubscribe link (RFC 8058 section 2: the link alone must suffice, so it must be hard to
/// forge): order and expiry, signed with HMAC-SHA-256 cut to 128 bits. 71 URL-safe characters.
/// </summary>
/// <param name="secret">The instance's secret; the key is derived from it (HKDF, RFC 5869).</param>
public sealed class UnsubscribeToken(ReadOnlyMemory<byte> secret, TimeProvider time)
{
    /// <summary>Newsletters are unsubscribed from when they are read, some weeks later at most.</summary>
    public static readonly TimeSpan DefaultLifetime = TimeSpan.FromDays(90);

    private const byte Version = 1;
    private const int OrderLength = 2 + 16 + 16 + 4;
    private const int MacLength = 16;
    private readonly byte[] _key = HKDF.DeriveKey(HashAlgorithmName.SHA256, secret.ToArray(), 32, info: "smtpy unsubscribe"u8.ToArray());

    public string Create(UnsubscribeOrder order, TimeSpan? lifetime = null)
    {
        ArgumentNullException.ThrowIfNull(order);
        Span<byte> octets = stackalloc byte[OrderLength + MacLength];
        octets[0] = Version;
        octets[1] = (byte)order.Choice;
        order.AliasId.TryWriteBytes(octets[2..]);
        order.ContactId.TryWriteBytes(octets[18..]);
        var expiry = (time.GetUtcNow() + (lifetime ?? DefaultLifetime)).ToUnixTimeSeconds() / 60;
        BinaryPrimitives.WriteUInt32BigEndian(octets[34..], (uint)Math.Clamp(expiry, 0, uint.MaxValue));
        Sign(octets[..OrderLength], octets[OrderLength..]);
        return Base64Url.EncodeToString(octets);
    }

    /// <param name="order">Null only where the token is forged, so that an expired link can still say what it was for.</param>
    public TokenState TryRead(string? token, out UnsubscribeOrder? order)
    {
        order = null;
        Span<byte> octets = stackalloc byte[OrderLength + MacLength];
        if (token?.Length != Base64Url.GetEncodedLength(octets.Length)
            || !Base64Url.TryDecodeFromChars(token, octets, out var written) || written != octets.Length)
        {
            return TokenState.Forged;
        }

        Span<byte> mac = stackalloc byte[MacLength];
        Sign(octets[..OrderLength], mac);
        var choice = (UnsubscribeChoice)octets[1];
        if (!CryptographicOperations.FixedTimeEquals(mac, octets[OrderLength..]) || octets[0] != Version
            || choice is not (UnsubscribeChoice.DisableAlias or UnsubscribeChoice.BlockSender))
        {
            return TokenState.Forged;
        }

        order = new UnsubscribeOrder(choice, new Guid(octets.Slice(2, 16)), new Guid(octets.Slice(18, 16)));
        return time.GetUtcNow().ToUnixTimeSeconds() / 60 >= BinaryPrimitives.ReadUInt32BigEndian(octets[34..]) ? TokenState.Expired : TokenState.Valid;
    }

    private void Sign(ReadOnlySpan<byte> octets, Span<byte> mac)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, octets, hash);
        hash[..MacLength].CopyTo(mac);
    }
}
