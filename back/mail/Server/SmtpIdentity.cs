namespace Smtpy.Mail.Server;

/// <summary>Who has signed in on a connection.</summary>
/// <param name="UserName">As the client gave it, prepared (RFC 4013).</param>
/// <param name="Mechanism">The SASL mechanism, such as "SCRAM-SHA-256".</param>
/// <param name="Account">What <see cref="Sasl.ISaslCredentials"/> gave for the user; the engine does not look into it.</param>
public sealed record SmtpIdentity(string UserName, string Mechanism, object Account);
