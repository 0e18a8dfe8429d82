using Smtpy.Mail.Headers;

namespace Smtpy.Mail.Dkim;

/// <summary>The DKIM signatures of a message, read from its header before the body is there.</summary>
public sealed class DkimSignatures
{
    private DkimSignatures(HeaderIndex header, List<MessageSignature> signatures) => (Header, Signatures) = (header, signatures);

    /// <summary>What a <see cref="BodyHasher"/> must work out for <see cref="DkimVerifier.VerifyAsync"/>.</summary>
    public IEnumerable<BodyHashKind> BodyHashes =>
        Signatures.Where(signature => signature.Fault is null).Select(signature => signature.BodyHash);

    public int Count => Signatures.Count;

    internal HeaderIndex Header { get; }

    internal List<MessageSignature> Signatures { get; }

    public static DkimSignatures Read(HeaderIndex header, DkimVerifierOptions options)
    {
        ArgumentNullException.ThrowIfNull(header);
        ArgumentNullException.ThrowIfNull(options);
        return new DkimSignatures(
            header,
            [
                .. header.All("DKIM-Signature"u8).Take(options.MaxSignatures)
                    .Select(index => MessageSignature.ReadDkim(header, index, options.MaxFieldOctets)),
            ]);
    }
}
