namespace Smtpy.Mail.Server.Sasl;

/// <summary>What a mechanism may ask on one connection; remembers who the client said to be.</summary>
/// <param name="mayTry">Null lets the client try; else the reply that refuses it.</param>
internal sealed class SaslLookup(SaslUsers users, Func<string, ValueTask<SmtpReply?>> mayTry)
{
    /// <summary>Null until the client has said it.</summary>
    public string? UserName { get; private set; }

    public PasswordChecks Passwords => users.Passwords;

    /// <summary>The candidate, or the policy's refusal.</summary>
    public async ValueTask<(SaslCandidate? Candidate, SmtpReply? Refusal)> FindAsync(string userName, CancellationToken cancellationToken)
    {
        UserName = userName;
        return await mayTry(userName) is { } refusal
            ? (null, refusal)
            : (await users.FindAsync(userName, cancellationToken), null);
    }
}
