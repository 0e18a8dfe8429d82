using Smtpy.Mail.Client;
using Smtpy.Mail.TlsPolicy;

namespace Smtpy.Smtp.Deliver;

/// <summary>
/// Whether a session is fit for what waits in its lane. A lane has messages of one <see cref="TlsDemand"/> only, so that no message is ever
/// given a session that was opened under a weaker rule.
/// </summary>
internal static class RequireTls
{
    /// <summary>
    /// For REQUIRETLS messages (RFC 8689 section 4.2.1): a session without verified TLS or without the extension is closed, and
    /// trouble with TLS is an answer for good; a host that cannot be reached may be tried again.
    /// </summary>
    /// <param name="tls">How TLS went.</param>
    public static async ValueTask<OpenResult> CheckAsync(OpenResult opened, TlsResult? tls, TlsDemand demand, CancellationToken cancellationToken)
    {
        if (demand != TlsDemand.Required)
        {
            return opened;
        }

        if (opened.Connection is not { } connection)
        {
            return tls is null or TlsResult.Success || opened.Failure.Enhanced is not ("4.7.4" or "4.7.5")
                ? opened
                : opened with
                {
                    IsPermanent = true,
                    Failure = new PeerReply(550, "5.7.30", "the sender requires verified TLS: " + opened.Failure.Text),
                };
        }

        if (connection.KeepsRequireTls)
        {
            return opened;
        }

        var refusal = SmtpClientConnection.RequireTlsRefusal(connection);
        await connection.QuitAsync(cancellationToken);
        await connection.DisposeAsync();
        return new OpenResult(null, refusal, connection.HostText, true);
    }
}
