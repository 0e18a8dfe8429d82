using System.Security.Authentication;

namespace Smtpy.Mail.Server.Connections;

/// <summary>The server's side of a TLS handshake, within its time limit and counted.</summary>
internal static class TlsHandshake
{
    /// <summary>Protocol and cipher, or null where it failed.</summary>
    public static async ValueTask<string?> TryAsync(ServerContext server, SessionTransport transport)
    {
        transport.Deadline.Set(server.Options.TlsHandshakeTimeout, Expiry.Abort);
        try
        {
            var description = await transport.StartTlsAsync(server.Certificate!, server.ForcedStop);
            transport.Deadline.Clear();
            SmtpMetrics.TlsHandshake(description.StartsWith("TLSv1.3", StringComparison.Ordinal) ? TlsOutcome.Tls13 : TlsOutcome.Tls12);
            return description;
        }
        catch (Exception failure) when (failure is AuthenticationException or IOException or OperationCanceledException)
        {
            // Scanners, old clients, and clients that dislike the certificate: everyday, and not ours to mend.
            SmtpMetrics.TlsHandshake(TlsOutcome.Failed);
            return null;
        }
    }
}
