namespace Smtpy.Mail.Server.Sasl;

/// <summary>
/// LOGIN (draft-murchison-sasl-login-00): two questions. Old programs know nothing better. Many send the name as an initial
/// response, which the draft does not have; it is taken.
/// </summary>
internal sealed class LoginMechanism(SaslLookup lookup) : SaslMechanism("LOGIN", lookup)
{
    private static readonly byte[] UserNameQuestion = "Username:"u8.ToArray();
    private static readonly byte[] PasswordQuestion = "Password:"u8.ToArray();

    private string? _userName;

    public override ValueTask<SaslStep> NextAsync(ReadOnlyMemory<byte>? response, CancellationToken cancellationToken)
    {
        if (response is null)
        {
            return ValueTask.FromResult(SaslStep.Ask(UserNameQuestion));
        }

        if (_userName is not null)
        {
            return CheckPasswordAsync(_userName, response.Value, cancellationToken);
        }

        return ValueTask.FromResult(
            SaslPrep.TryPrepareName(response.Value.Span, out _userName)
                ? SaslStep.Ask(PasswordQuestion)
                : new SaslStep(SaslStatus.Malformed));
    }
}
