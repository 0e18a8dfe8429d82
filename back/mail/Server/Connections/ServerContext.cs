using Microsoft.Extensions.Logging;
using Smtpy.Mail.Server.Sasl;
using Smtpy.Mail.Server.Session;
using Smtpy.Mail.Tls;

namespace Smtpy.Mail.Server.Connections;

/// <summary>What all connections of a listener share; but for the listener and its replies, those of a server do.</summary>
internal sealed class ServerContext
{
    private volatile bool _isStopping;

    public required SmtpServerOptions Options { get; init; }

    public required ListenerKind Listener { get; init; }

    public required SessionReplies Replies { get; init; }

    public required ISmtpPolicy Policy { get; init; }

    public required TlsCertificate? Certificate { get; init; }

    /// <summary>Null on the MX, where nobody signs in.</summary>
    public required SaslUsers? Users { get; init; }

    public required Heartbeat Heartbeat { get; init; }

    public required ILogger Logger { get; init; }

    /// <summary>Cancelled when the drain time is over: what still runs must stop.</summary>
    public required CancellationToken ForcedStop { get; init; }

    /// <summary>The server takes no new work.</summary>
    public bool IsStopping => _isStopping;

    public void BeginStop() => _isStopping = true;
}
