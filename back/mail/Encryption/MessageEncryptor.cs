using System.Buffers.Text;

namespace Smtpy.Mail.Encryption;

/// <summary>
/// Encrypts a whole message to its recipient's key: PGP/MIME (RFC 3156) or S/MIME enveloped-data (RFC 8551), by the key's
/// kind. The original MIME entity is inside octet for octet, its Content-* fields with it; other fields stay outside.
/// Signing (DKIM, ARC) comes after this stage, as it changes the body.
/// </summary>
/// <remarks>
/// Memory: the message, which is never copied, and the result, allocated once at about 1.4 times its length. Processor: some
/// 10 ms per MiB. Thread-safe; keeps nothing between messages and touches no disk.
/// </remarks>
public sealed class MessageEncryptor(TimeProvider time, EncryptionOptions? options = null)
{
    // The structure around the encrypted octets, with the recipient's part of it.
    private const int Overhead = 8 * 1024;

    private readonly EncryptionOptions _options = options ?? new EncryptionOptions();

    /// <param name="message">As it would be sent: rewritten, CRLF line ends, not yet signed.</param>
    /// <param name="protectSubject">
    /// Header protection of RFC 9788: the fields that people read are repeated inside, the outer Subject becomes
    /// <see cref="EncryptionOptions.ConcealedSubject"/>, and fields that repeat it (Thread-Topic, Keywords, Comments) move inside.
    /// </param>
    /// <returns>Never a message in clear: whatever goes wrong is a failure with its reason.</returns>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public EncryptionResult Encrypt(
        ReadOnlyMemory<byte> message, RecipientKey key, bool protectSubject, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (message.Length > _options.MaxMessageOctets)
        {
            return EncryptionResult.Failed(
                EncryptionFault.TooLarge, $"The message is larger than {_options.MaxMessageOctets / (1024 * 1024)} MiB, the most that is encrypted.");
        }

        if (EncryptedContent.IsIn(message.Span))
        {
            return EncryptionResult.Already(message);
        }

        if (key.ExpiresAt is { } expiry && expiry <= time.GetUtcNow())
        {
            return EncryptionResult.Failed(EncryptionFault.KeyExpired, $"The recipient's key expired on {expiry:yyyy-MM-dd}.");
        }

        var payload = new MessagePayload(message, protectSubject ? _options.ConcealedSubject : null);
        return payload.IsWellFormed
            ? Write(payload, key, cancellationToken)
            : EncryptionResult.Failed(
                EncryptionFault.Malformed, "The message's header has a line that is no header field, so it cannot be encrypted safely.");
    }

    private static EncryptionResult Write(MessagePayload payload, RecipientKey key, CancellationToken cancellationToken)
    {
        // The cipher's own framing is a few octets per thousand; the rest is base64 and its line ends.
        var framed = payload.Octets.Length + (payload.Octets.Length / 128);
        var lines = (Base64.GetMaxEncodedToUtf8Length(framed) / Base64LineStream.LineLength) + 1L;
        var encoded = (lines * (Base64LineStream.LineLength + 2)) + (2L * payload.HeaderLength) + Overhead;
        var output = new MemoryStream((int)Math.Min(encoded, Array.MaxLength));
        try
        {
            payload.WriteOuterFields(output);
            if (key.Kind == RecipientKeyKind.OpenPgp)
            {
                PgpMimeWriter.Write(payload, key.OpenPgp, output, cancellationToken);
            }
            else
            {
                SMimeWriter.Write(payload, key.Certificate, output, cancellationToken);
            }
        }
        catch (Exception broken) when (broken is not (OperationCanceledException or OutOfMemoryException))
        {
            // The library throws many types, and all of them mean the same: this must not leave.
            return EncryptionResult.Failed(EncryptionFault.KeyUnusable, $"The message cannot be encrypted to the recipient's key: {broken.Message}");
        }

        return EncryptionResult.Encrypted(output.GetBuffer().AsMemory(0, (int)output.Length));
    }
}
