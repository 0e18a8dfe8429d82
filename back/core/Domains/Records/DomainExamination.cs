namespace Smtpy.Core.Domains.Records;

/// <summary>What DNS says about a name.</summary>
/// <param name="Domain">A-label.</param>
/// <param name="IsDomain">False: the instance's host name, which takes no mail of accounts.</param>
public sealed record DomainExamination(string Domain, bool IsDomain, IReadOnlyList<RecordFinding> Findings)
{
    /// <summary>Every required record is right.</summary>
    public bool IsReady => !Findings.Any(static f => f.IsObstacle);

    /// <summary>Whether the domain's mail comes here; null where DNS did not say.</summary>
    public bool? ComesHere => Decide(Findings.Where(static f => f.Record.Purpose == DomainRecordPurpose.Exchanger));

    /// <summary>
    /// Whether receivers find the RSA key that signs, or will once what is carried already has begun to; null where DNS did not say.
    /// </summary>
    public bool? CanBeVerified
    {
        get
        {
            var rsa = Findings.Where(static f => f.Record.Key is { Algorithm: DomainKeyAlgorithm.RsaSha256 }).ToList();
            return rsa.Exists(static f => f.Record.Key!.IsPending && f.Verdict == RecordVerdict.Ok)
                ? true
                : Decide(rsa.Where(static f => f.Record.Key!.IsActive));
        }
    }

    /// <summary>Selectors of waiting keys that DNS carries.</summary>
    public IEnumerable<string> CarriedPending => Findings
        .Where(static f => f.Verdict == RecordVerdict.Ok && f.Record.Key is { IsPending: true })
        .Select(static f => f.Record.Key!.Selector);

    private static bool? Decide(IEnumerable<RecordFinding> findings)
    {
        var verdicts = findings.Select(static f => f.Verdict).ToHashSet();
        return verdicts.Contains(RecordVerdict.Missing) || verdicts.Contains(RecordVerdict.Wrong) || verdicts.Count == 0 ? false
            : verdicts.Contains(RecordVerdict.Unknown) ? null
            : true;
    }
}
