using OpenTelemetry.Metrics;

namespace Smtpy.Server.Logging;

/// <summary>What /metrics shows: our own meter and the runtime's, not every meter of the framework.</summary>
internal static class MetricsSetup
{
    /// <summary>
    /// Room for the series of one metric. The exporter sets it aside at the start for every one of them, and its own default, 2,000,
    /// costs 7 MB. Labels are values of enumerations; more series than this are counted together, under otel_metric_overflow.
    /// </summary>
    private const int Series = 100;

    /// <summary>Two labels, verb and reply code: some 20 of each, of which most pairs never are.</summary>
    private const int CommandSeries = 400;

    private static int MostSeries(string instrument) => instrument == "smtpy.smtp.commands" ? CommandSeries : Series;

    public static IServiceCollection AddSmtpyMetrics(this IServiceCollection services)
    {
        services.AddOpenTelemetry().WithMetrics(static metrics => metrics
            .AddMeter("Smtpy", "System.Runtime")
            .AddView(static instrument => new MetricStreamConfiguration { CardinalityLimit = MostSeries(instrument.Name) })
            .AddPrometheusExporter(static exporter =>
            {
                // One meter, one process: these would be the same on every line.
                exporter.ScopeInfoEnabled = false;
                exporter.TargetInfoEnabled = false;
            }));
        return services;
    }
}
