using System.Net;
using Smtpy.Mail.Server.Sasl;

namespace Smtpy.Mail.Server;

/// <summary>Every limit of the SMTP engine, each with the reason for its default.</summary>
public sealed record SmtpServerOptions
{
    /// <summary>Name in the greeting, the EHLO answer and Received headers.</summary>
    public required string Hostname { get; init; }

    public IReadOnlyList<SmtpListener> Listeners { get; init; } = [new(ListenerKind.Mx, new IPEndPoint(IPAddress.Any, 1025))];

    /// <summary>Signing in, on the submission listeners.</summary>
    public SaslOptions Sasl { get; init; } = new();

    /// <summary>Octets of one message as received. 50 MiB: what the large mailbox providers take.</summary>
    public long MaxMessageSize { get; init; } = 50 * 1024 * 1024;

    /// <summary>Recipients of one transaction; further ones get 452 4.5.3. 100: the least RFC 5321 section 4.5.3.1.8 allows.</summary>
    public int MaxRecipients { get; init; } = 100;

    /// <summary>Octets of a command line, CRLF included. RFC 5321 asks for 512; SMTPUTF8, DSN and SIZE parameters add to that.</summary>
    public int MaxCommandLine { get; init; } = 2048;

    /// <summary>Messages on one connection; then 421. Bounds what one lucky client can hold on to.</summary>
    public int MaxMessagesPerConnection { get; init; } = 1000;

    /// <summary>Refused or unknown commands on one connection; then 421. Dictionary attacks and broken clients.</summary>
    public int MaxErrorsPerConnection { get; init; } = 20;

    /// <summary>Connections open at once; further ones get 421 4.3.2. Bounds memory (about 10 kB for an idle one).</summary>
    public int MaxConnections { get; init; } = 10_000;

    /// <summary>A whole command line must arrive within this time. RFC 5321 section 4.5.3.2.7: 5 minutes.</summary>
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Longest silence inside a message. RFC 5321 section 4.5.3.2.5: 3 minutes.</summary>
    public TimeSpan DataBlockTimeout { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>A whole message must arrive within this time. 30 minutes: 50 MiB at 28 kB a second; ends a slow-loris.</summary>
    public TimeSpan DataTimeout { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>TLS handshake. 30 seconds: a hanging handshake holds a connection without being a client yet.</summary>
    public TimeSpan TlsHandshakeTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The PROXY header of a connection from <see cref="ProxyNetworks"/>. 5 seconds: a proxy sends it at once.</summary>
    public TimeSpan ProxyHeaderTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>At a graceful stop, sessions inside a transaction have this long to finish it; then they get 421.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Networks whose connections begin with a PROXY v1 or v2 header, and from which alone one is believed.</summary>
    public IReadOnlyList<IPNetwork> ProxyNetworks { get; init; } = [];
}
