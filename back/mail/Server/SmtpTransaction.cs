using System.Net;
using Smtpy.Mail.Notices;

namespace Smtpy.Mail.Server;

/// <summary>The client at the other end of one connection.</summary>
public sealed class SmtpPeer
{
    public required string ConnectionId { get; init; }

    /// <summary>The client's own address: the PROXY header's where one is believed, else the socket's. IPv4-mapped IPv6 is unmapped.</summary>
    public required IPEndPoint RemoteEndPoint { get; init; }

    public required IPEndPoint LocalEndPoint { get; init; }

    /// <summary>The name given with HELO or EHLO; empty before either.</summary>
    public string Helo { get; set; } = "";

    public bool SaidEhlo { get; set; }

    /// <summary>
    /// Null on a clear-text connection, else such as "TLSv1.3 TLS_AES_256_GCM_SHA384". On <see cref="ListenerKind.SubmissionTls"/> null
    /// in <see cref="ISmtpPolicy.OnConnectAsync"/>, which is asked before the handshake.
    /// </summary>
    public string? Tls { get; set; }

    /// <summary>The listener that the client came to.</summary>
    public ListenerKind Listener { get; init; }

    /// <summary>Null until the client has signed in; on a submission listener MAIL is refused until then.</summary>
    public SmtpIdentity? Identity { get; set; }

    /// <summary>Protocol name of the Received header's "with" clause (RFC 3848, RFC 6531).</summary>
    public string Protocol(bool smtpUtf8) => (SaidEhlo, smtpUtf8, Tls is not null, Identity is not null) switch
    {
        (false, _, _, _) => "SMTP",
        (true, false, false, false) => "ESMTP",
        (true, false, false, true) => "ESMTPA",
        (true, false, true, false) => "ESMTPS",
        (true, false, true, true) => "ESMTPSA",
        (true, true, false, false) => "UTF8SMTP",
        (true, true, false, true) => "UTF8SMTPA",
        (true, true, true, false) => "UTF8SMTPS",
        (true, true, true, true) => "UTF8SMTPSA",
    };
}

/// <summary>One mail transaction: from MAIL FROM to the end of data (RFC 5321 section 3.3).</summary>
public sealed class SmtpTransaction
{
    public required SmtpPeer Peer { get; init; }

    public required ReversePath Sender { get; init; }

    /// <summary>Recipients that were answered positively, in order.</summary>
    public IReadOnlyList<SmtpRecipient> Recipients => _recipients;

    private readonly List<SmtpRecipient> _recipients = [];

    /// <summary>Octets announced with SIZE= (RFC 1870), or null.</summary>
    public long? DeclaredSize { get; init; }

    public bool SmtpUtf8 { get; init; }

    public bool EightBitMime { get; init; }

    public bool RequireTls { get; init; }

    /// <summary>DSN: RET=FULL or RET=HDRS (RFC 3461 section 4.3), else null.</summary>
    public string? DsnReturn { get; init; }

    /// <summary>DSN: ENVID, xtext-decoded (RFC 3461 section 4.4), else null.</summary>
    public string? EnvelopeId { get; init; }

    /// <summary>Where the policy keeps what it found out about this transaction.</summary>
    public object? PolicyState { get; set; }

    internal void Add(SmtpRecipient recipient) => _recipients.Add(recipient);
}

/// <summary>The envelope sender; <see cref="IsNull"/> for "&lt;&gt;".</summary>
public readonly record struct ReversePath(string Address)
{
    public static ReversePath Null => new("");

    public bool IsNull => Address.Length == 0;

    public override string ToString() => Address;
}

/// <summary>One accepted or proposed recipient.</summary>
public sealed class SmtpRecipient
{
    /// <summary>Local part with quoting removed, as the client spelt it; "postmaster" for the bare &lt;Postmaster&gt;.</summary>
    public required string LocalPart { get; init; }

    /// <summary>Domain in lower case, an address literal with its brackets, or empty for the bare &lt;Postmaster&gt;.</summary>
    public required string Domain { get; init; }

    /// <summary>The mailbox as the client spelt it, fit for an SMTP command line.</summary>
    public required string Address { get; init; }

    /// <summary>DSN NOTIFY (RFC 3461 section 4.1).</summary>
    public DsnNotify Notify { get; init; }

    /// <summary>DSN ORCPT, decoded, with its address type ("rfc822;user@example"), else null.</summary>
    public string? OriginalRecipient { get; init; }

    /// <summary>Where the policy keeps what it found out about this recipient.</summary>
    public object? PolicyState { get; set; }
}
