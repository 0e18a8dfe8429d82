using Microsoft.Extensions.Logging;
using Npgsql;

namespace Smtpy.Core.Storage.Postgres;

/// <summary>Changes by LISTEN and NOTIFY.</summary>
internal sealed partial class PostgresChangeCarrier(PostgresDatabase database, TimeProvider time, ILogger<PostgresChangeCarrier> logger)
    : IChangeCarrier
{
    /// <summary>Channels belong to one database, so the name need not tell instances apart.</summary>
    private const string Channel = "smtpy_changes";

    /// <summary>Binds the change's number; for those who announce within a transaction of their own.</summary>
    public const string Notify = "SELECT pg_notify('" + Channel + "', $1)";

    /// <summary>Between attempts to connect. Polling makes up for what is missed meanwhile.</summary>
    private static readonly TimeSpan Reconnect = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stop = new();
    private Task _listening = Task.CompletedTask;

    public static NpgsqlParameter<string> Payload(Change change) => new() { TypedValue = change.ToString() };

    public void Listen(Action<Change> heard) => _listening = ListenAsync(heard, _stop.Token);

    public async ValueTask AnnounceAsync(Change change, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await database.OpenAsync(cancellationToken);
            await using var command = new NpgsqlCommand(Notify, connection) { Parameters = { Payload(change) } };
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (Exception failure) when (failure is NpgsqlException or StorageException or OperationCanceledException)
        {
            LogNotAnnounced(logger, change, failure.Message);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _listening;
        _stop.Dispose();
    }

    private async Task ListenAsync(Action<Change> heard, CancellationToken cancellationToken)
    {
        var wasLost = false;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await ListenOnceAsync(heard, () => Back(ref wasLost), cancellationToken);
            }
            catch (Exception failure) when (failure is NpgsqlException or IOException or TimeoutException or OperationCanceledException)
            {
                if (!wasLost && !cancellationToken.IsCancellationRequested)
                {
                    wasLost = true;
                    LogLost(logger, database.Description, failure.Message);
                }
            }

            await Task.Delay(Reconnect, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Back(ref bool wasLost)
    {
        if (wasLost)
        {
            wasLost = false;
            LogBack(logger, database.Description);
        }
    }

    private async Task ListenOnceAsync(Action<Change> heard, Action listening, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(PostgresConnections.Lone(database.Location).ConnectionString);
        connection.Notification += (_, said) =>
        {
            // What a newer version announces may be unknown here.
            if (Enum.TryParse<Change>(said.Payload, out var change))
            {
                heard(change);
            }
        };
        await connection.OpenAsync(cancellationToken);
        await using (var command = new NpgsqlCommand("LISTEN " + Channel, connection))
        {
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        listening();
        foreach (var change in Enum.GetValues<Change>())
        {
            heard(change);
        }

        while (true)
        {
            await connection.WaitAsync(cancellationToken);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Database} announces no changes at the moment; they are seen by polling: {Failure}")]
    private static partial void LogLost(ILogger logger, string database, string failure);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Database} announces changes again")]
    private static partial void LogBack(ILogger logger, string database);

    [LoggerMessage(Level = LogLevel.Warning, Message = "a change ({Change}) could not be announced; other processes see it by polling: {Failure}")]
    private static partial void LogNotAnnounced(ILogger logger, Change change, string failure);
}
