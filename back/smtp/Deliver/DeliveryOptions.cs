using System.Net;

namespace Smtpy.Smtp.Deliver;

public enum DeliveryMode
{
    /// <summary>Nothing leaves: messages go into the local capture mailbox.</summary>
    Capture = 0,

    /// <summary>All messages go to one server.</summary>
    Relay = 1,

    /// <summary>Each message goes to the mail servers of its recipients' domain.</summary>
    Mx = 2,
}

/// <summary>Every limit of outgoing mail, each with the reason for its default.</summary>
public sealed record DeliveryOptions
{
    public required DeliveryMode Mode { get; init; }

    /// <summary>Our name in EHLO; also what tells that an MX record points to ourselves.</summary>
    public required string Hostname { get; init; }

    /// <summary>Required in relay mode.</summary>
    public RelayTarget? Relay { get; init; }

    /// <summary>Port of MX hosts. 25; tests use another.</summary>
    public int MxPort { get; init; } = 25;

    /// <summary>Where this server itself takes mail: for domains whose mail it is the first to take. Null: it takes none.</summary>
    public IPEndPoint? OwnListener { get; init; }

    /// <summary>Connections to the relay. 20: where the throughput of a server on the same network stops growing.</summary>
    public int RelayConnections { get; init; } = 20;

    /// <summary>Connections to one domain. 5: what large receivers take from a small sender without complaint.</summary>
    public int MxConnectionsPerDomain { get; init; } = 5;

    /// <summary>Connections altogether, idle ones included. 200: about 5 MB of buffers, and well below the default of 1,024 open files.</summary>
    public int MaxConnections { get; init; } = 200;

    /// <summary>An unused connection is kept this long. 30 s: servers begin to close theirs after a minute or more.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Messages on one connection. 100: most servers' limit; a further connection costs 1 % of that.</summary>
    public int MaxMessagesPerConnection { get; init; } = 100;

    /// <summary>
    /// Addresses of one host tried at a time, drawn anew each time. 2: what RFC 5321 section 5.1 asks for at least; a host that is
    /// silent at two of them must not keep the mail from the next one.
    /// </summary>
    public int MaxAddressesPerHost { get; init; } = 2;

    /// <summary>Hosts of one preference tried at a time, drawn anew each time. 3: they stand in for one another, and those of the next preference are to be reached, too.</summary>
    public int MaxHostsPerPreference { get; init; } = 3;

    /// <summary>
    /// Addresses tried for one domain at a time. 16: two full preferences and more, or eight preferences of a host each; beyond that the domain is
    /// down, not a host, and 16 silent ones hold a connection's place for 8 minutes.
    /// </summary>
    public int MaxAddresses { get; init; } = 16;

    /// <summary>Octets of messages waiting in memory. 64 MiB; what does not fit waits in the store.</summary>
    public long MemoryOctets { get; init; } = 64 * 1024 * 1024;

    /// <summary>Messages waiting in memory. 20,000: some seconds of work.</summary>
    public int MemoryMessages { get; init; } = 20_000;

    /// <summary>Outcomes on their way to the store. 2,000: twice what one commit takes; beyond it the workers wait.</summary>
    public int UnrecordedOutcomes { get; init; } = 2_000;

    /// <summary>How often due deliveries are looked for. 1 s.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Due deliveries taken at once. 500: one commit.</summary>
    public int PollBatch { get; init; } = 500;

    /// <summary>Must be the store's own lease time; renewed each third of it.</summary>
    public TimeSpan LeaseTime { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>At a graceful stop, transactions under way have this long. 10 s: containers are killed after 30.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(10);

    public RetrySchedule Retry { get; init; } = new();

    /// <summary>Certificate authorities trusted instead of the system's.</summary>
    public System.Security.Cryptography.X509Certificates.X509Certificate2Collection? TrustedRoots { get; init; }

    public Mail.Client.SmtpClientTimeouts Timeouts { get; init; } = new();
}
