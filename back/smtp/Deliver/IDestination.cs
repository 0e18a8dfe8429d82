using System.Net;
using Smtpy.Mail.Client;

namespace Smtpy.Smtp.Deliver;

/// <summary>Where one lane's messages go.</summary>
internal interface IDestination
{
    /// <summary>Opens a session with the best host that answers.</summary>
    /// <param name="avoid">Hosts that this message was tried at already, in vain.</param>
    Task<OpenResult> OpenAsync(IReadOnlyCollection<IPEndPoint> avoid, CancellationToken cancellationToken);
}

/// <summary>A session, or why there is none.</summary>
/// <param name="IsPermanent">The destination will never take mail; otherwise later may be better.</param>
internal readonly record struct OpenResult(SmtpClientConnection? Connection, PeerReply Failure, string RemoteHost, bool IsPermanent)
{
    public static OpenResult Never(int code, string enhanced, string text) => new(null, new PeerReply(code, enhanced, text), "", true);

    public static OpenResult Of(ConnectResult result, string remoteHost) => result.Connection is null
        ? NotNow(result.Failure, remoteHost)
        : new OpenResult(result.Connection, default, "", false);

    public static OpenResult NotNow(PeerReply reply, string remoteHost) => new(null, reply, remoteHost, false);
}
