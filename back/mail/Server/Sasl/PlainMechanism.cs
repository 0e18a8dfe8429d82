namespace Smtpy.Mail.Server.Sasl;

/// <summary>PLAIN (RFC 4616).</summary>
internal sealed class PlainMechanism(SaslLookup lookup) : SaslMechanism("PLAIN", lookup)
{
    public override ValueTask<SaslStep> NextAsync(ReadOnlyMemory<byte>? response, CancellationToken cancellationToken)
    {
        if (response is null)
        {
            return ValueTask.FromResult(SaslStep.Ask(default));
        }

        if (!PlainMessage.TryParse(response.Value, out var plain))
        {
            return ValueTask.FromResult(new SaslStep(SaslStatus.Malformed));
        }

        // Nobody acts for somebody else here.
        return plain.AuthorizationId.Length > 0 && plain.AuthorizationId != plain.UserName
            ? ValueTask.FromResult(new SaslStep(SaslStatus.Failed))
            : CheckPasswordAsync(plain.UserName, plain.Password, cancellationToken);
    }
}
