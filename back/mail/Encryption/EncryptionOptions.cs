namespace Smtpy.Mail.Encryption;

/// <summary>Limits and choices of encryption to a recipient.</summary>
public sealed record EncryptionOptions
{
    /// <summary>Octets of an uploaded key file; 256 KiB: a key with years of signatures by others fits, a file chosen by mistake does not.</summary>
    public int MaxKeyOctets { get; init; } = 256 * 1024;

    /// <summary>
    /// Octets of a message that is still encrypted; 40 MiB. Encrypting holds the message and its result, 1.4 times as long, in
    /// memory; a longer one fails as <see cref="EncryptionFault.TooLarge"/>.
    /// </summary>
    public int MaxMessageOctets { get; init; } = 40 * 1024 * 1024;

    /// <summary>RSA keys below this are refused; 2048 bits, the least that RFC 8551 section 2.3 and RFC 9580 section 12.4 still allow.</summary>
    public int MinRsaBits { get; init; } = 2048;

    /// <summary>RSA keys above this are refused; 8192 bits, as checking and using longer ones costs more than a message is worth.</summary>
    public int MaxRsaBits { get; init; } = 8192;

    /// <summary>What the outer Subject says when the real one is protected; the three dots that mail programs know as a placeholder.</summary>
    public string ConcealedSubject { get; init; } = "...";
}
