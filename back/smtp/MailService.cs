using System.Net;
using Microsoft.Extensions.Hosting;
using Smtpy.Core.Storage;
using Smtpy.Mail.Server;
using Smtpy.Smtp.Deliver;

namespace Smtpy.Smtp;

/// <summary>
/// The smtp role as one thing to start and stop. The order is the promise's: what takes mail starts last and stops first, and
/// the store, which everything answers to, closes after the last outcome is recorded.
/// </summary>
public sealed class MailService(IMessageStore store, DeliveryService delivery, SmtpServer server, Housekeeping housekeeping) : IHostedService
{
    /// <summary>Where mail is received; null until it is.</summary>
    public IPEndPoint? EndPoint => Listeners.Count > 0 ? Listeners[0].EndPoint : null;

    /// <summary>Every address that mail is taken on, the MX first; empty until it is.</summary>
    public IReadOnlyList<SmtpListener> Listeners { get; private set; } = [];

    /// <summary>Whether mail is received on all of them; a listener that failed is back only after a restart.</summary>
    public bool IsListening => Listeners.Count > 0 && server.IsAccepting;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await store.StartAsync(cancellationToken);
        await delivery.StartAsync(cancellationToken);
        await server.StartAsync(cancellationToken);
        Listeners = server.Listeners;
        housekeeping.Start();
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        Listeners = [];
        await housekeeping.StopAsync();
        await server.StopAsync(cancellationToken);
        await delivery.StopAsync(cancellationToken);
        await store.DisposeAsync();
    }
}
