using Smtpy.Mail.Headers;

namespace Smtpy.Mail.Dkim;

/// <summary>Verifies DKIM signatures (RFC 6376 section 6, RFC 8301, RFC 8463) on the message's own octets. Thread-safe.</summary>
public sealed class DkimVerifier(KeyDirectory keys, TimeProvider time)
{
    private const int SignatureStartLength = 8;

    /// <param name="body">Finished, and asked for <see cref="DkimSignatures.BodyHashes"/> at least.</param>
    /// <returns>One for each signature read, in their order from the top; empty for a message without any.</returns>
    public async Task<IReadOnlyList<DkimResult>> VerifyAsync(DkimSignatures signatures, BodyHasher body, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(signatures);
        ArgumentNullException.ThrowIfNull(body);

        // All questions at once: ten silent name servers take no longer than one.
        var verifying = new Task<DkimResult>[signatures.Count];
        for (var number = 0; number < verifying.Length; number++)
        {
            verifying[number] = VerifyAsync(signatures, signatures.Signatures[number], body, cancellationToken);
        }

        return await Task.WhenAll(verifying);
    }

    /// <summary>What is known of a signature's validity before its key is: null where the key decides.</summary>
    internal static (DkimVerdict Verdict, string Reason)? CheckWithoutKey(
        MessageSignature signature, BodyHasher body, DkimVerifierOptions options, DateTimeOffset now)
    {
        if (signature.Fault is { } fault)
        {
            return (signature.FaultVerdict, fault);
        }

        var seconds = now.ToUnixTimeSeconds();
        if (signature.ExpiresAt < seconds)
        {
            return (DkimVerdict.Fail, "signature expired");
        }

        if (signature.SignedAt > seconds + (long)options.MaxFuture.TotalSeconds)
        {
            return (DkimVerdict.Policy, "signature made in the future");
        }

        if (!body.TryGetHash(signature.BodyHash, out var hash, out var length))
        {
            throw new ArgumentException("The body was not hashed for these signatures.", nameof(body));
        }

        if (signature.BodyHash.Limit > length)
        {
            return (DkimVerdict.Fail, "the body is shorter than l= says");
        }

        return hash.AsSpan().SequenceEqual(signature.ClaimedBodyHash) ? null : (DkimVerdict.Fail, "body hash did not verify");
    }

    internal static byte[] HashHeader(HeaderIndex header, MessageSignature signature)
    {
        var hash = new HeaderHash(signature.HeaderCanonicalization);
        hash.AddSelected(header, signature.HeaderNames, signature.Index);
        return hash.With(signature.Raw.Span, signature.SignatureRange);
    }

    private static DkimResult Describe(MessageSignature signature, BodyHasher body, DkimVerdict verdict, string reason) => new()
    {
        Verdict = verdict,
        Reason = reason,
        Domain = signature.Domain,
        Selector = signature.Selector,
        Identity = signature.Identity,
        Algorithm = signature.AlgorithmName,
        SignatureStart = signature.SignatureText[..Math.Min(SignatureStartLength, signature.SignatureText.Length)],
        CoversWholeBody = signature.BodyHash.Limit is not { } limit
            || (body.TryGetHash(signature.BodyHash, out _, out var length) && limit == length),
    };

    private static bool FixesContent(HeaderIndex header, MessageSignature signature) =>
        !header.HasStrayLines
        && IsFixed(header, signature, "From"u8) && IsFixed(header, signature, "To"u8) && IsFixed(header, signature, "Cc"u8)
        && IsFixed(header, signature, "Subject"u8) && IsFixed(header, signature, "Content-Type"u8)
        && IsFixed(header, signature, "Content-Transfer-Encoding"u8);

    private static bool IsFixed(HeaderIndex header, MessageSignature signature, ReadOnlySpan<byte> name)
    {
        var last = header.Last(name);
        return last < 0 || (header.Previous(last) < 0 && signature.CoversHeader(name));
    }

    private async Task<DkimResult> VerifyAsync(
        DkimSignatures signatures, MessageSignature signature, BodyHasher body, CancellationToken cancellationToken)
    {
        if (CheckWithoutKey(signature, body, keys.Options, time.GetUtcNow()) is var (verdict, reason))
        {
            return Describe(signature, body, verdict, reason);
        }

        var answer = await keys.FindAsync(signature.Selector, signature.Domain, cancellationToken);
        var check = SignatureCheck.Run(
            answer, signature.Algorithm, signature.IdentityDomain == signature.Domain,
            answer.Records.Count == 0 ? [] : HashHeader(signatures.Header, signature), signature.Signature, keys.Options);
        return Describe(signature, body, check.Verdict, check.Reason) with
        {
            FixesContent = FixesContent(signatures.Header, signature),
            KeyBits = check.Record?.Key?.Bits ?? 0,
            IsTesting = check.Record?.IsTesting ?? false,
        };
    }
}
