using Microsoft.Extensions.Diagnostics.HealthChecks;
using Smtpy.Api.Operations;
using Smtpy.Core.Coordination;
using Smtpy.Core.Domains;
using Smtpy.Core.Storage;
using Smtpy.Server.Configuration;
using Smtpy.Smtp;

namespace Smtpy.Server.Hosting;

/// <summary>What /health/ready asks: the database, the queue writer, the listeners, the signing keys.</summary>
internal static class HealthSetup
{
    private static readonly string[] Ready = [OperationsEndpoints.ReadyTag];

    public static IServiceCollection AddSmtpyHealth(this IServiceCollection services, Role role, Settings settings)
    {
        var checks = services.AddHealthChecks().AddCheck<DatabaseCheck>("database", tags: Ready);
        if (role.HasFlag(Role.Smtp))
        {
            checks.AddCheck<QueueWriterCheck>("queue_writer", tags: Ready).AddCheck<ListenerCheck>("smtp_listener", tags: Ready)
                .AddCheck<SigningCheck>("signing", tags: Ready);
        }

        if (settings.Redis is not null)
        {
            checks.AddCheck<RedisCheck>("redis", tags: Ready);
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

    /// <summary>Degraded, not unhealthy: service goes on without it.</summary>
    private sealed class RedisCheck(RedisLink redis) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(redis.IsUp
                ? HealthCheckResult.Healthy()
                : HealthCheckResult.Degraded($"{redis.Options} does not answer; limits are counted by each process alone"));
    }

    /// <summary>Degraded: mail leaves, without signatures that it should have.</summary>
    private sealed class SigningCheck(SigningFaults faults) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(faults.All is { Count: > 0 } all
                ? HealthCheckResult.Degraded($"{all.Count} domains do not sign: {all.First()}")
                : HealthCheckResult.Healthy());
    }

    private sealed class ListenerCheck(MailService mail) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(
                mail.IsListening ? HealthCheckResult.Healthy($"listens on {MailListeners.Describe(mail.Listeners)}")
                : mail.Listeners.Count > 0 ? HealthCheckResult.Unhealthy("a listener has failed, see the log; restart to bring it back")
                : HealthCheckResult.Unhealthy("not listening"));
    }
}
