using Smtpy.Mail.Client;
using Smtpy.Mail.TlsPolicy;

namespace Smtpy.Smtp.Deliver;

/// <summary>Opens one session with the relay, as a delivery would, and sends nothing: what "smtpy doctor" asks.</summary>
public static class RelayProbe
{
    /// <returns>What was found, as a sentence's end; Works is false where no session came about.</returns>
    public static async Task<(bool Works, string Found)> TryAsync(
        RelayTarget relay, SmtpClientOptions client, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(relay);
        var result = await new RelayDestination(relay, TlsDemand.ByPolicy, client, time).OpenAsync([], cancellationToken);
        if (result.Connection is not { } connection)
        {
            return (false, result.Failure.ToString());
        }

        await using (connection)
        {
            var signedIn = relay.Credentials is null ? "" : $", signed in as {relay.Credentials}";
            return (true, $"{connection.HostText} answers, {connection.TlsVersion ?? "without TLS"}{signedIn}");
        }
    }
}
