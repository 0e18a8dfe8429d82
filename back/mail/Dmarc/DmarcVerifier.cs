using Smtpy.Mail.Addresses;
using Smtpy.Mail.Dns;

namespace Smtpy.Mail.Dmarc;

/// <summary>
/// Says whether a message is from whom its From field says, and what its owner wants done otherwise (DMARC, RFC 9989). Completes
/// without waiting when DNS answers are at hand.
/// </summary>
/// <remarks>
/// From with several domains: RFC 9989 section 5.3.1 leaves it to the receiver whether these are judged at all. They are, each of them,
/// and the strictest outcome stands (section 11.5): otherwise a second address would be a way around a policy of reject.
/// </remarks>
public sealed class DmarcVerifier(IRecordResolver resolver, DmarcOptions options, TimeProvider time)
{
    public async ValueTask<DmarcOutcome> EvaluateAsync(DmarcRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var authors = new List<string>(1);
        for (var i = 0; i < request.FromDomains.Count; i++)
        {
            if (Normalize(request.FromDomains[i]) is { } author && !authors.Contains(author, StringComparer.Ordinal))
            {
                authors.Add(author);
            }
        }

        if (authors.Count == 0)
        {
            return DmarcOutcome.Without(DmarcResult.None, null, "From has no domain");
        }

        if (authors.Count > options.MaxAuthorDomains)
        {
            return DmarcOutcome.Without(DmarcResult.PermError, authors[0], $"From has more than {options.MaxAuthorDomains} domains");
        }

        using var limit = new CancellationTokenSource(options.TimeLimit, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            return await StrictestAsync(authors, request, both.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return DmarcOutcome.Without(DmarcResult.TempError, authors[0], $"took more than {options.TimeLimit.TotalSeconds} s");
        }
    }

    private async ValueTask<DmarcOutcome> StrictestAsync(List<string> authors, DmarcRequest request, CancellationToken cancellationToken)
    {
        DmarcOutcome? strictest = null;
        foreach (var author in authors)
        {
            var outcome = await new DmarcEvaluation(resolver, options, author, request, cancellationToken).EvaluateAsync();
            if (strictest is null || Severity(outcome) > Severity(strictest))
            {
                strictest = outcome;
            }
        }

        return strictest!;
    }

    private static int Severity(DmarcOutcome outcome) => outcome.Result switch
    {
        DmarcResult.Fail => 10 + (int)outcome.Disposition,
        DmarcResult.TempError => 2,
        DmarcResult.Pass => 1,
        _ => 0,
    };

    /// <summary>Lower case, A-labels, without final dot; null where it is no domain name.</summary>
    internal static string? Normalize(string domain) =>
        DomainName.TryNormalize(domain.EndsWith('.') ? domain[..^1] : domain, out var normalized) ? normalized : null;
}
