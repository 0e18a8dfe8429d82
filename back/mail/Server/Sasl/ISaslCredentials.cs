namespace Smtpy.Mail.Server.Sasl;

/// <summary>Who may sign in. One stored record of a user serves all mechanisms; no clear password is kept anywhere.</summary>
public interface ISaslCredentials
{
    /// <summary>
    /// Null: there is no such user; the client learns no more than of a wrong password. An exception becomes 454 4.7.0 and a
    /// log line.
    /// </summary>
    /// <param name="userName">Prepared (RFC 4013), in the case it was given.</param>
    ValueTask<SaslUser?> FindAsync(string userName, CancellationToken cancellationToken);
}

/// <param name="Account">Goes to <see cref="SmtpIdentity.Account"/> once the user has proved to know the password.</param>
public sealed record SaslUser(ScramCredentials Credentials, object Account);
