using Smtpy.Mail.Dkim;

namespace Smtpy.Mail.Arc;

/// <summary>Validates ARC chains (RFC 8617 section 5.2). Thread-safe.</summary>
public sealed class ArcVerifier(KeyDirectory keys, TimeProvider time)
{
    /// <param name="body">Finished, and asked for <see cref="ArcChain.BodyHashes"/> at least.</param>
    public async Task<ArcResult> VerifyAsync(ArcChain chain, BodyHasher body, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(chain);
        ArgumentNullException.ThrowIfNull(body);
        if (chain.Fault is { } fault)
        {
            return new ArcResult(ArcStatus.Fail, chain.Instances, fault, []);
        }

        if (chain.Highest == 0)
        {
            return new ArcResult(ArcStatus.None, 0, "", []);
        }

        // Only a message whose newest signature holds is worth up to fifty questions more.
        var sets = chain.Sets.ToArray();
        var newest = await CheckMessageAsync(chain, sets[^1], body, cancellationToken);
        if (newest.Verdict != DkimVerdict.Pass)
        {
            return Failed(sets, sets.Length, "message signature", newest);
        }

        var answers = await Task.WhenAll(sets.Select(set => keys.FindAsync(set.Seal!.Selector, set.Seal.Domain, cancellationToken)));
        var hashes = HashSeals(sets);
        for (var number = sets.Length - 1; number >= 0; number--)
        {
            var seal = sets[number].Seal!;
            var check = SignatureCheck.Run(answers[number], seal.Algorithm, isExactDomain: true, hashes[number], seal.Signature, keys.Options);
            if (check.Verdict != DkimVerdict.Pass)
            {
                return Failed(sets, number + 1, "seal", check);
            }
        }

        return new ArcResult(ArcStatus.Pass, sets.Length, "", Summarize(sets))
        {
            OldestPass = await FindOldestPassAsync(chain, sets, body, cancellationToken),
        };
    }

    /// <summary>What each seal covers: the fields of all sets up to its own (RFC 8617 section 5.1.1), each set gathered once.</summary>
    private static byte[][] HashSeals(ArcSet[] sets)
    {
        var scope = new HeaderHash(Canonicalization.Relaxed);
        var hashes = new byte[sets.Length][];
        for (var number = 0; number < sets.Length; number++)
        {
            var seal = sets[number].Seal!;
            scope.Add(sets[number].Results!.Value.Span);
            scope.Add(sets[number].Message!.Raw.Span);
            hashes[number] = scope.With(seal.Raw.Span, seal.SignatureRange);
            scope.Add(seal.Raw.Span);
        }

        return hashes;
    }

    private static ArcResult Failed(ArcSet[] sets, int instance, string what, SignatureCheck check) =>
        new(ArcStatus.Fail, sets.Length, $"{what} of set {instance}: {check.Reason}", Summarize(sets))
        {
            IsTemporary = check.Verdict == DkimVerdict.TempError,
        };

    private static ArcSetSummary[] Summarize(ArcSet[] sets) =>
    [
        .. sets.Select((set, number) => new ArcSetSummary(
            number + 1, set.Seal!.Domain, set.Seal.Selector, set.Message!.Domain, set.Results!.Value)
        {
            CoversFrom = set.Message.CoversHeader("From"u8),
        }),
    ];

    private async Task<int> FindOldestPassAsync(ArcChain chain, ArcSet[] sets, BodyHasher body, CancellationToken cancellationToken)
    {
        for (var number = sets.Length - 2; number >= 0; number--)
        {
            var check = await CheckMessageAsync(chain, sets[number], body, cancellationToken);
            if (check.Verdict != DkimVerdict.Pass)
            {
                return number + 2;
            }
        }

        return 0;
    }

    private async Task<SignatureCheck> CheckMessageAsync(ArcChain chain, ArcSet set, BodyHasher body, CancellationToken cancellationToken)
    {
        var signature = set.Message!;
        if (DkimVerifier.CheckWithoutKey(signature, body, keys.Options, time.GetUtcNow()) is var (verdict, reason))
        {
            return new SignatureCheck(verdict, reason, null);
        }

        var answer = await keys.FindAsync(signature.Selector, signature.Domain, cancellationToken);
        return SignatureCheck.Run(
            answer, signature.Algorithm, isExactDomain: true, DkimVerifier.HashHeader(chain.Header, signature), signature.Signature,
            keys.Options);
    }
}
