namespace Smtpy.Mail.Encryption;

public enum EncryptionStatus
{
    Failed = 0,

    Encrypted = 1,

    /// <summary>Its sender has encrypted it; it is left as it is.</summary>
    AlreadyEncrypted = 2,
}

public enum EncryptionFault
{
    None = 0,

    /// <summary>Longer than <see cref="EncryptionOptions.MaxMessageOctets"/>.</summary>
    TooLarge = 1,

    /// <summary>The key has expired since it was read.</summary>
    KeyExpired = 2,

    /// <summary>The header has a line that is no header field, so what of it is content cannot be told.</summary>
    Malformed = 3,

    /// <summary>The key passed every check and yet cannot be encrypted to.</summary>
    KeyUnusable = 4,
}

/// <summary>A message that may leave, or why there is none. There is no way to get at a message that was not encrypted.</summary>
public sealed class EncryptionResult
{
    private readonly ReadOnlyMemory<byte> _message;

    private EncryptionResult(EncryptionStatus status, ReadOnlyMemory<byte> message, EncryptionFault fault, string? reason) =>
        (Status, _message, Fault, Reason) = (status, message, fault, reason);

    public EncryptionStatus Status { get; }

    public EncryptionFault Fault { get; }

    /// <summary>Where it failed: one whole sentence for the recipient key's owner.</summary>
    public string? Reason { get; }

    /// <summary>Octets of the message to be sent.</summary>
    /// <exception cref="InvalidOperationException">It failed: nothing may be sent.</exception>
    public ReadOnlyMemory<byte> Message => Status == EncryptionStatus.Failed
        ? throw new InvalidOperationException($"Nothing was encrypted: {Reason}")
        : _message;

    internal static EncryptionResult Encrypted(ReadOnlyMemory<byte> message) =>
        new(EncryptionStatus.Encrypted, message, EncryptionFault.None, null);

    internal static EncryptionResult Already(ReadOnlyMemory<byte> message) =>
        new(EncryptionStatus.AlreadyEncrypted, message, EncryptionFault.None, null);

    internal static EncryptionResult Failed(EncryptionFault fault, string reason) =>
        new(EncryptionStatus.Failed, default, fault, reason);
}
