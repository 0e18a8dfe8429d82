using System.Net;
using Smtpy.Mail.Client;
using Smtpy.Smtp.Route;

namespace Smtpy.Smtp.Deliver;

/// <summary>The listener of a self-test on this machine. Nothing is tried again: its address is good for one run.</summary>
internal sealed class SelfTestDestination(string mailbox, SelfTestAddresses? addresses, SmtpClientOptions client, TimeProvider time) : IDestination
{
    public async Task<OpenResult> OpenAsync(IReadOnlyCollection<IPEndPoint> avoid, CancellationToken cancellationToken)
    {
        if (addresses?.TryPort(mailbox, out var port) != true)
        {
            return OpenResult.Never(550, "5.1.2", $"{SelfTestAddresses.Domain} takes no mail (RFC 6761)");
        }

        var host = new RemoteHost("localhost", new IPEndPoint(IPAddress.Loopback, port));
        var result = await SmtpClientConnection.ConnectAsync(host, client, time, cancellationToken);
        return result.Connection is null
            ? OpenResult.Never(550, "5.4.1", $"the self-test no longer listens on port {port}")
            : new OpenResult(result.Connection, default, "", false);
    }
}
