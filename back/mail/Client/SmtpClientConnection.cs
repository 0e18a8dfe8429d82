using Smtpy.Mail.Messages;
using Smtpy.Mail.TlsPolicy;

namespace Smtpy.Mail.Client;

/// <summary>
/// One session with a mail server, from connect to QUIT, for any number of messages, one at a time. Octets go out exactly as
/// they are given: re-encoding a message would break its signatures.
/// </summary>
public sealed class SmtpClientConnection : IAsyncDisposable
{
    private readonly SmtpDialog _dialog;
    private readonly SmtpClientOptions _options;
    private bool _isOpen = true;

    private SmtpClientConnection(SmtpDialog dialog, RemoteHost host, SmtpHandshake handshake, SmtpClientOptions options)
    {
        _dialog = dialog;
        _options = options;
        Host = host;
        Capabilities = handshake.Capabilities;
        Authentication = handshake.Authentication;
        HostText = host.ToString();
        TlsText = dialog.Transport.TlsName is { } version ? $"{version}, {Describe(Authentication)}" : "no TLS";
    }

    public RemoteHost Host { get; }

    /// <summary><see cref="RemoteHost.ToString"/>, made once.</summary>
    public string HostText { get; }

    public PeerCapabilities Capabilities { get; }

    /// <summary>Such as "Tls13", or null on a clear connection.</summary>
    public string? TlsVersion => _dialog.Transport.TlsVersion;

    /// <summary>What vouches for the server; a connection that needed no such proof may have one all the same.</summary>
    public TlsAuthentication Authentication { get; }

    /// <summary>For records: "TLSv1.3, verified by DANE", "… by MTA-STS", "… by PKIX", "TLSv1.3, not verified" or "no TLS".</summary>
    public string TlsText { get; }

    /// <summary>A REQUIRETLS message may be given to this server (RFC 8689 section 4.2.1).</summary>
    public bool KeepsRequireTls => Authentication != TlsAuthentication.None && Capabilities.RequireTls;

    /// <summary>Messages tried so far on this connection.</summary>
    public int Messages { get; private set; }

    /// <summary>False once the connection is lost or the peer has said 421: no further message goes over it.</summary>
    public bool IsUsable => _isOpen && Closing is null;

    /// <summary>What the peer said when it announced that it closes (421) without having done so yet.</summary>
    internal PeerReply? Closing { get; set; }

    /// <summary>A transaction was left open; RSET goes before the next one.</summary>
    internal bool NeedsReset { get; set; }

    internal SmtpDialog Dialog => _dialog;

    internal SmtpClientOptions Options => _options;

    /// <summary>Connects, greets, encrypts and authenticates as the options ask.</summary>
    public static async Task<ConnectResult> ConnectAsync(
        RemoteHost host, SmtpClientOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(host);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        var (result, tlsBroke) = await TryConnectAsync(host, options, time, cancellationToken);
        if (tlsBroke && options is { Tls: SmtpTls.Opportunistic, Credentials: null } && !cancellationToken.IsCancellationRequested)
        {
            // Opportunistic means that TLS never costs a delivery: hosts with broken TLS get their mail as if they offered none.
            var tls = result.Tls;
            (result, _) = await TryConnectAsync(host, options with { Tls = SmtpTls.None }, time, cancellationToken);
            result = result with { Tls = tls };
        }

        cancellationToken.ThrowIfCancellationRequested();
        return result;
    }

    /// <summary>
    /// Sends one message: <paramref name="head"/>, then <paramref name="content"/>. Never throws for what the peer does:
    /// every recipient has an outcome.
    /// </summary>
    /// <exception cref="IOException">The content could not be read; nothing was delivered.</exception>
    public async Task<SendResult> SendAsync(
        SmtpEnvelope envelope, ReadOnlyMemory<byte> head, MessageContent content, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        ArgumentNullException.ThrowIfNull(content);
        if (!IsUsable)
        {
            throw new InvalidOperationException("The connection is no longer usable.");
        }

        Messages++;
        await using var registration = OnCancel(_dialog.Transport, cancellationToken);
        var delivery = new MailDelivery(this, envelope, head, content);
        var result = await delivery.RunAsync(cancellationToken);
        if (_dialog.HasUnreadInput)
        {
            // A reply nobody asked for: the next message must not take it for its own.
            Lose("unexpected reply");
        }

        _dialog.Rest();
        return result;
    }

    /// <summary>Says goodbye; the connection must be disposed all the same. Quiet when the peer is gone already.</summary>
    public async Task QuitAsync(CancellationToken cancellationToken)
    {
        if (!_isOpen)
        {
            return;
        }

        _isOpen = false;
        await using var registration = OnCancel(_dialog.Transport, cancellationToken);
        try
        {
            await _dialog.AskAsync("QUIT", _options.Timeouts.Quit, "QUIT");
        }
        catch (PeerLostException)
        {
            // RFC 5321 section 4.1.1.10: all mail is settled before QUIT, so how the connection ends does not matter.
        }
    }

    public ValueTask DisposeAsync()
    {
        _isOpen = false;
        return _dialog.DisposeAsync();
    }

    /// <summary>Why a REQUIRETLS message does not go over this connection.</summary>
    public static PeerReply RequireTlsRefusal(SmtpClientConnection connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        return new PeerReply(550, "5.7.30", connection.Authentication == TlsAuthentication.None
            ? $"the sender requires verified TLS, and with {connection.Host.Name} there is none ({connection.TlsText})"
            : $"the sender requires TLS all the way (REQUIRETLS), which {connection.Host.Name} does not offer");
    }

    internal void Lose(string reason)
    {
        _isOpen = false;
        _dialog.Transport.Abort(reason);
    }

    private static async Task<(ConnectResult Result, bool TlsBroke)> TryConnectAsync(
        RemoteHost host, SmtpClientOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        var dialog = new SmtpDialog(new ClientTransport(host.EndPoint.AddressFamily, time));
        var handshake = new SmtpHandshake(dialog, host, options);
        PeerReply? failure;
        try
        {
            await using var registration = OnCancel(dialog.Transport, cancellationToken);
            failure = await handshake.RunAsync();
        }
        catch (PeerLostException e)
        {
            failure = new PeerReply(451, "4.4.1", e.Message);
        }

        if (failure is null)
        {
            dialog.Rest();
            return (new ConnectResult(new SmtpClientConnection(dialog, host, handshake, options), default, handshake.TlsResult), false);
        }

        await dialog.DisposeAsync();
        return (new ConnectResult(null, failure.Value, handshake.TlsResult), handshake.TlsBroke);
    }

    private static string Describe(TlsAuthentication authentication) => authentication switch
    {
        TlsAuthentication.Dane => "verified by DANE",
        TlsAuthentication.MtaSts => "verified by MTA-STS",
        TlsAuthentication.Pkix => "verified by PKIX",
        _ => "not verified",
    };

    private static CancellationTokenRegistration OnCancel(ClientTransport transport, CancellationToken cancellationToken) =>
        cancellationToken.UnsafeRegister(static state => ((ClientTransport)state!).Abort("given up by us"), transport);
}

/// <summary>A connection, or why there is none.</summary>
/// <param name="Failure">The peer's reply, or our own reason with a code of ours; whether it is 4xx or 5xx, another host or
/// another hour may do better, because nothing was said about the message.</param>
/// <param name="Tls">How TLS went, for reports: also what is wrong with a certificate that was not needed; null where it did not come to that.</param>
public readonly record struct ConnectResult(SmtpClientConnection? Connection, PeerReply Failure, TlsResult? Tls = null);
