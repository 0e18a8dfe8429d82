using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Smtpy.Api.Operations;

/// <summary>What operators and their tools ask: /health, /health/live, /health/ready, /metrics.</summary>
public static class OperationsEndpoints
{
    /// <summary>Checks with this tag decide /health/ready.</summary>
    public const string ReadyTag = "ready";

    public static IEndpointRouteBuilder MapOperations(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapHealthChecks("/health", Report(static _ => true));
        endpoints.MapHealthChecks("/health/ready", Report(static check => check.Tags.Contains(ReadyTag)));
        // Alive means that this process can answer; whether it can work is /health/ready's question.
        endpoints.MapHealthChecks("/health/live", Report(static _ => false));
        endpoints.MapPrometheusScrapingEndpoint("/metrics");
        return endpoints;
    }

    private static HealthCheckOptions Report(Func<HealthCheckRegistration, bool> predicate) => new()
    {
        Predicate = predicate,
        ResponseWriter = HealthReportWriter.WriteAsync,
        ResultStatusCodes =
        {
            [HealthStatus.Healthy] = StatusCodes.Status200OK,
            [HealthStatus.Degraded] = StatusCodes.Status200OK,
            [HealthStatus.Unhealthy] = StatusCodes.Status503ServiceUnavailable,
        },
    };
}
