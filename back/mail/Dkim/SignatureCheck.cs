namespace Smtpy.Mail.Dkim;

/// <summary>Whether one of a signer's keys made a signature.</summary>
/// <param name="Record">The key that decided; null where there was none.</param>
internal sealed record SignatureCheck(DkimVerdict Verdict, string Reason, KeyRecord? Record)
{
    /// <param name="isExactDomain">Whether i= is of the domain d= itself.</param>
    public static SignatureCheck Run(
        KeyAnswer answer, SignatureAlgorithm algorithm, bool isExactDomain, byte[] hash, byte[] signature, DkimVerifierOptions options)
    {
        SignatureCheck? first = null;
        foreach (var record in answer.Records)
        {
            var check = Run(record, algorithm, isExactDomain, hash, signature, options);
            if (check.Verdict == DkimVerdict.Pass)
            {
                return check;
            }

            first ??= check;
        }

        return first ?? new SignatureCheck(answer.Failure, answer.Reason, null);
    }

    private static SignatureCheck Run(
        KeyRecord record, SignatureAlgorithm algorithm, bool isExactDomain, byte[] hash, byte[] signature, DkimVerifierOptions options)
    {
        var key = record.Key!;
        if (key.Algorithm != algorithm)
        {
            return new SignatureCheck(DkimVerdict.PermError, "the key is of another type than the signature", record);
        }

        if (record.IsStrict && !isExactDomain)
        {
            return new SignatureCheck(DkimVerdict.PermError, "the key is not for subdomains", record);
        }

        if (algorithm == SignatureAlgorithm.RsaSha256 && (key.Bits < options.MinRsaBits || key.Bits > options.MaxRsaBits))
        {
            return new SignatureCheck(DkimVerdict.Policy, $"the key has {key.Bits} bits", record);
        }

        return key.Verifies(hash, signature)
            ? new SignatureCheck(DkimVerdict.Pass, "", record)
            : new SignatureCheck(DkimVerdict.Fail, "signature did not verify", record);
    }
}
