using Smtpy.Mail.Dns;

namespace Smtpy.Mail.Spf;

/// <summary>Says whether an address may send mail for a domain (SPF, RFC 7208). Completes without waiting when DNS answers are at hand.</summary>
public sealed class SpfVerifier(IRecordResolver resolver, SpfOptions options, TimeProvider time)
{
    public async ValueTask<SpfOutcome> CheckAsync(SpfRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var identity = SpfIdentity.Of(request);
        if (!identity.CanBeChecked)
        {
            // RFC 7208 section 4.3.
            return new SpfOutcome(SpfResult.None, identity.Domain, null, null, "the identity has no domain name");
        }

        using var limit = new CancellationTokenSource(options.TimeLimit, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        var evaluation = new SpfEvaluation(resolver, options, identity, time, both.Token);
        SpfVerdict verdict;
        try
        {
            verdict = await evaluation.CheckHostAsync(identity.Domain);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // RFC 7208 section 4.6.4: after the time limit the result is temperror.
            return new SpfOutcome(SpfResult.TempError, identity.Domain, null, null, $"took more than {options.TimeLimit.TotalSeconds} s");
        }

        var explanation = verdict.Result == SpfResult.Fail ? await ExplainAsync(evaluation, verdict, cancellationToken) : null;
        return new SpfOutcome(verdict.Result, identity.Domain, verdict.Mechanism, explanation, verdict.Problem);
    }

    private static async ValueTask<string?> ExplainAsync(SpfEvaluation evaluation, SpfVerdict verdict, CancellationToken cancellationToken)
    {
        try
        {
            return await evaluation.ExplainAsync(verdict);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The result stands without its explanation.
            return null;
        }
    }
}
