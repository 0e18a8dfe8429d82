using System.Security.Cryptography;
using System.Text;

namespace Smtpy.Mail.Server.Sasl;

/// <summary>Finds users for the mechanisms of all connections; whoever is not found is given credentials nobody knows the password of.</summary>
internal sealed class SaslUsers(ISaslCredentials credentials, SaslOptions options) : IDisposable
{
    private const int SaltSize = 16;

    public PasswordChecks Passwords { get; } = new(options);

    public async ValueTask<SaslCandidate> FindAsync(string userName, CancellationToken cancellationToken)
    {
        // Made for everybody, so that both take as long.
        var unknown = Unknown(userName);
        return await credentials.FindAsync(userName, cancellationToken) is { } user
            ? new SaslCandidate(userName, user.Credentials, user.Account)
            : new SaslCandidate(userName, unknown, null);
    }

    public void Dispose() => Passwords.Dispose();

    private ScramCredentials Unknown(string userName)
    {
        var made = HMACSHA512.HashData(options.UnknownUserKey, Encoding.UTF8.GetBytes(userName));
        return new ScramCredentials(
            made[..SaltSize], ScramCredentials.DefaultIterations, made[SaltSize..(SaltSize + ScramCredentials.KeySize)], made[^ScramCredentials.KeySize..]);
    }
}
