namespace Smtpy.Mail.Server.Sasl;

/// <summary>Somebody who says to be a user.</summary>
/// <param name="Credentials">The user's, or for an unknown one some that look alike.</param>
/// <param name="Account">Null: there is no such user.</param>
internal sealed record SaslCandidate(string UserName, ScramCredentials Credentials, object? Account)
{
    public SaslStep Outcome(bool knowsPassword, string mechanism) =>
        knowsPassword && Account is not null
            ? new SaslStep(SaslStatus.Succeeded) { Identity = new SmtpIdentity(UserName, mechanism, Account) }
            : new SaslStep(SaslStatus.Failed);
}
