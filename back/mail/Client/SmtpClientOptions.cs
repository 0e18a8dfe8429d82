using System.Security.Cryptography.X509Certificates;
using Smtpy.Mail.TlsPolicy;

namespace Smtpy.Mail.Client;

/// <summary>How one outgoing connection is made and used.</summary>
public sealed record SmtpClientOptions
{
    /// <summary>Our name in EHLO (RFC 5321 section 4.1.1.1): the one that our address resolves to and back.</summary>
    public required string Hostname { get; init; }

    public SmtpTls Tls { get; init; } = SmtpTls.Opportunistic;

    /// <summary>Name the certificate must carry where <see cref="Tls"/> verifies it; the remote host's name when null.</summary>
    public string? CertificateName { get; init; }

    /// <summary>
    /// Usable TLSA records of the host: they, and no certificate authority, then decide about its certificate (RFC 7672), and
    /// <see cref="CertificateName"/> is their base domain. Empty: no DANE.
    /// </summary>
    public IReadOnlyList<TlsaAssociation> Tlsa { get; init; } = [];

    /// <summary>With TLSA records that name an authority, the certificate may carry this name, too (RFC 7672 section 3.2.2).</summary>
    public string? NextHopDomain { get; init; }

    /// <summary>Authorities trusted instead of the system's.</summary>
    public X509Certificate2Collection? TrustedRoots { get; init; }

    /// <summary>What a session with a valid certificate is recorded as: where its host's name comes from.</summary>
    public TlsAuthentication VerifiedBy { get; init; } = TlsAuthentication.Pkix;

    /// <summary>Null: no AUTH. They are sent over TLS or to a loopback address only.</summary>
    public SmtpCredentials? Credentials { get; init; }

    public SmtpClientTimeouts Timeouts { get; init; } = new();

    /// <summary>
    /// Recipients of one transaction; more take further transactions at once. 100: what every server must take
    /// (RFC 5321 section 4.5.3.1.8). A peer that says RCPTMAX (RFC 9422) can only lower it.
    /// </summary>
    public int MaxRecipientsPerTransaction { get; init; } = 100;
}

/// <param name="User">Authentication identity, UTF-8 without NUL.</param>
public sealed record SmtpCredentials(string User, string Password)
{
    /// <summary>Never shows the password: records print themselves into logs.</summary>
    public override string ToString() => User;
}

/// <summary>What is asked of the connection's encryption.</summary>
public enum SmtpTls
{
    /// <summary>Clear text even where STARTTLS is offered.</summary>
    None = 0,

    /// <summary>
    /// STARTTLS where offered, any certificate; clear text otherwise. Between MX hosts an unverified channel still beats none
    /// (RFC 7435), and who could forge the certificate could as well remove the STARTTLS offer.
    /// </summary>
    Opportunistic = 1,

    /// <summary>STARTTLS or no delivery; any certificate.</summary>
    Required = 2,

    /// <summary>STARTTLS or no delivery; the certificate must be valid for the host's name.</summary>
    RequiredVerified = 3,

    /// <summary>TLS from the first octet (RFC 8314 section 3.3); any certificate.</summary>
    Implicit = 4,

    /// <summary>TLS from the first octet; the certificate must be valid for the host's name.</summary>
    ImplicitVerified = 5,
}

/// <summary>How long each step may take before the connection is given up (RFC 5321 section 4.5.3.2, in its order).</summary>
public sealed record SmtpClientTimeouts
{
    /// <summary>TCP handshake. 30 s: a host that needs longer will not carry a transaction either, and another MX may.</summary>
    public TimeSpan Connect { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>TLS handshake. 60 s: some hosts look the client up before they answer.</summary>
    public TimeSpan TlsHandshake { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Greeting: 5 minutes.</summary>
    public TimeSpan Greeting { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>EHLO, HELO, STARTTLS, AUTH, RSET: 5 minutes, as MAIL.</summary>
    public TimeSpan Command { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>MAIL: 5 minutes.</summary>
    public TimeSpan Mail { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Each RCPT: 5 minutes.</summary>
    public TimeSpan Recipient { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>DATA until 354: 2 minutes.</summary>
    public TimeSpan DataInitiation { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Each block of the message: 3 minutes.</summary>
    public TimeSpan DataBlock { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>Final dot until the reply: 10 minutes. Shorter ones deliver twice: the peer may be taking the message.</summary>
    public TimeSpan DataTermination { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>QUIT: 5 s. Everything is settled by then; the reply is a courtesy.</summary>
    public TimeSpan Quit { get; init; } = TimeSpan.FromSeconds(5);
}
