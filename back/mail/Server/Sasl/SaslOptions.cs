using System.Security.Cryptography;

namespace Smtpy.Mail.Server.Sasl;

/// <summary>Limits of signing in, each with the reason for its default.</summary>
public sealed record SaslOptions
{
    /// <summary>Octets of a line of an exchange, CRLF included; more gets 500 5.5.6. RFC 4954 section 4: 12,288.</summary>
    public int MaxLine { get; init; } = 12_288;

    /// <summary>Wrong credentials on one connection; then 421. 3: more is no typing error.</summary>
    public int MaxFailures { get; init; } = 3;

    /// <summary>Passwords checked at once (PLAIN and LOGIN; each takes a core for some milliseconds). Half of the cores: mail goes on.</summary>
    public int MaxPasswordChecks { get; init; } = Math.Max(1, Environment.ProcessorCount / 2);

    /// <summary>Checks that may wait for their turn; further ones get 454 4.7.0. 100: about two seconds of waiting.</summary>
    public int MaxWaitingChecks { get; init; } = 100;

    /// <summary>
    /// Makes the salt that an unknown user is shown, so that it is the same each time, as a known one's is. All servers that
    /// answer for the same users need the same key, also after a restart; random unless given.
    /// </summary>
    public byte[] UnknownUserKey { get; init; } = RandomNumberGenerator.GetBytes(32);
}
