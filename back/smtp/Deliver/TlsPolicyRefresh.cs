using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Smtpy.Mail.TlsPolicy;

namespace Smtpy.Smtp.Deliver;

/// <summary>Has MTA-STS policies fetched anew before they expire, off the way of any message (RFC 8461 section 10.2).</summary>
public sealed class TlsPolicyRefresh(StsPolicies policies, TimeProvider time, ILogger<TlsPolicyRefresh> logger) : BackgroundService
{
    /// <summary>10 minutes: policies are good for days, and one that is good for less than this is looked at whenever mail goes out.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await RefreshAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopped.
        }
    }

    private async Task RefreshAsync(CancellationToken cancellationToken)
    {
        try
        {
            await policies.RefreshAsync(cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            DeliveryLog.ClockworkBroke(logger, e, "refresh of TLS policies");
        }
    }
}
