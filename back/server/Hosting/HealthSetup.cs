using Microsoft.Extensions.Diagnostics.HealthChecks;
using Smtpy.Api.Operations;
using Smtpy.Core.Storage;
using Smtpy.Smtp;

namespace Smtpy.Server.Hosting;

/// <summary>What /health/ready asks: the database, the queue writer, the listeners.</summary>
internal static class HealthSetup
{
    private static readonly string[] Ready = [OperationsEndpoints.ReadyTag];

    public static IServiceCollection AddSmtpyHealth(this IServiceCollection services, Role role)
    {
        var checks = services.AddHealthChecks().AddCheck<DatabaseCheck>("database", tags: Ready);
        if (role.HasFlag(Role.Smtp))
        {
            checks.AddCheck<QueueWriterCheck>("queue_writer", tags: Ready).AddCheck<ListenerCheck>("smtp_listener", tags: Ready);
        }

        return services;
    }

    private sealed class DatabaseCheck(IDatabase database) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            try
            {
                var schema = await database.ReadSchemaAsync(cancellationToken);
                return schema.Serves(database.Schema)
                    ? HealthCheckResult.Healthy()
                    : HealthCheckResult.Unhealthy($"schema is {schema.Applied ?? "missing"}, this version needs {database.Schema.Latest}");
            }
            catch (StorageException failure)
            {
                return HealthCheckResult.Unhealthy(failure.Message);
            }
        }
    }

    private sealed class QueueWriterCheck(IMessageStore store) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(store.IsWritable
                ? HealthCheckResult.Healthy()
                : HealthCheckResult.Unhealthy("the last write failed; mail is deferred with 4xx until one succeeds"));
    }

    private sealed class ListenerCheck(MailService mail) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(mail.EndPoint is { } endPoint
                ? HealthCheckResult.Healthy($"listens on {endPoint}")
                : HealthCheckResult.Unhealthy("not listening"));
    }
}
