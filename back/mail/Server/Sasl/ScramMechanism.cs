namespace Smtpy.Mail.Server.Sasl;

/// <summary>SCRAM-SHA-256 (RFC 5802, RFC 7677): the password does not cross the wire, and costs the server no PBKDF2.</summary>
internal sealed class ScramMechanism(SaslLookup lookup) : SaslMechanism("SCRAM-SHA-256", lookup)
{
    private SaslCandidate? _candidate;
    private ScramExchange? _exchange;
    private SaslStep? _proved;

    public override ValueTask<SaslStep> NextAsync(ReadOnlyMemory<byte>? response, CancellationToken cancellationToken)
    {
        if (response is null)
        {
            return ValueTask.FromResult(SaslStep.Ask(default));
        }

        if (_proved is not null)
        {
            // The server's proof went out as a challenge (RFC 4954 section 4: 235 carries no data); its answer is empty.
            return ValueTask.FromResult(response.Value.IsEmpty ? _proved.Value : new SaslStep(SaslStatus.Malformed));
        }

        return _exchange is null ? BeginAsync(response.Value, cancellationToken) : ValueTask.FromResult(Finish(response.Value.Span));
    }

    private async ValueTask<SaslStep> BeginAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        if (!ScramClientFirst.TryParse(message, out var first))
        {
            return new SaslStep(SaslStatus.Malformed);
        }

        // Nobody acts for somebody else here.
        if (first.AuthorizationId.Length > 0 && first.AuthorizationId != first.UserName)
        {
            return new SaslStep(SaslStatus.Failed);
        }

        (_candidate, var refusal) = await Lookup.FindAsync(first.UserName, cancellationToken);
        if (_candidate is null)
        {
            return new SaslStep(SaslStatus.Refused) { Refusal = refusal };
        }

        _exchange = new ScramExchange(first, _candidate.Credentials);
        return SaslStep.Ask(_exchange.ServerFirst);
    }

    private SaslStep Finish(ReadOnlySpan<byte> message)
    {
        var result = _exchange!.Finish(message, out var serverFinal);
        if (result == ScramResult.Malformed)
        {
            return new SaslStep(SaslStatus.Malformed);
        }

        var outcome = _candidate!.Outcome(result == ScramResult.Proved, Name);
        if (outcome.Status != SaslStatus.Succeeded)
        {
            return outcome;
        }

        _proved = outcome;
        return SaslStep.Ask(serverFinal);
    }
}
