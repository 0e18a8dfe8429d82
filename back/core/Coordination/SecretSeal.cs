namespace Smtpy.Core.Coordination;

/// <summary>
/// Seals octets at rest with SECRET_KEY: a copy of the database alone opens nothing. The first octet says how they are sealed, so that
/// another way can be introduced beside this one.
/// </summary>
/// <param name="secret">SECRET_KEY.</param>
/// <param name="purpose">What is sealed, US-ASCII; what was sealed for another purpose does not open.</param>
public sealed class SecretSeal(ReadOnlyMemory<byte> secret, string purpose)
{
    /// <summary>AES-256-GCM, key by HKDF-SHA-256.</summary>
    private const byte Version = 1;

    private readonly SealKey _key = new(secret, purpose);

    /// <param name="context">What the octets belong to, such as a row's name: they open only there.</param>
    public byte[] Seal(ReadOnlySpan<byte> plain, ReadOnlySpan<byte> context) => [Version, .. _key.Encrypt(plain, context)];

    /// <returns>Null where they were sealed with another SECRET_KEY, purpose or context, in a way this version does not know, or were changed.</returns>
    public byte[]? TryOpen(ReadOnlySpan<byte> octets, ReadOnlySpan<byte> context) =>
        octets is [Version, .. var rest] ? _key.Decrypt(rest, context) : null;
}
