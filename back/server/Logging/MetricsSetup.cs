using OpenTelemetry.Metrics;

namespace Smtpy.Server.Logging;

/// <summary>What /metrics shows: our own meter and the runtime's, not every meter of the framework.</summary>
internal static class MetricsSetup
{
    public static IServiceCollection AddSmtpyMetrics(this IServiceCollection services)
    {
        services.AddOpenTelemetry().WithMetrics(static metrics => metrics
            .AddMeter("Smtpy", "System.Runtime")
            .AddPrometheusExporter(static exporter =>
            {
                // One meter, one process: these would be the same on every line.
                exporter.ScopeInfoEnabled = false;
                exporter.TargetInfoEnabled = false;
            }));
        return services;
    }
}
