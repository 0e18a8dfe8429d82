using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Smtpy.Core.Storage;

/// <summary>
/// Brings the database to the schema this program knows. Whether anything is to be done is asked in plain SQL: starting EF
/// costs a second, and nearly every start has nothing to migrate.
/// </summary>
/// <param name="patience">How long to wait for a database server that is not up yet.</param>
public sealed partial class DatabaseMigrator(
    IDatabase database, Func<SmtpyContext> createContext, TimeSpan patience = default, TimeProvider? time = null,
    ILogger<DatabaseMigrator>? logger = null)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>An index on a large table takes minutes; what serves mail is given up after seconds.</summary>
    private static readonly TimeSpan MigrationTime = TimeSpan.FromHours(1);
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly ILogger _logger = logger ?? NullLogger<DatabaseMigrator>.Instance;

    /// <returns>True where migrations were applied, false where there was nothing to do.</returns>
    /// <exception cref="StorageException">
    /// The database cannot be opened or written, was not up in time, or belongs to a newer version that this one cannot work beside.
    /// </exception>
    public async Task<bool> MigrateAsync(CancellationToken cancellationToken)
    {
        var found = await ReadPatientlyAsync(cancellationToken);
        if (Accepts(found))
        {
            return false;
        }

        database.Prepare();
        await using var migrationLock = await database.LockForMigrationAsync(cancellationToken);

        // Another replica may have done it while this one waited for the lock.
        if (Accepts(await database.ReadSchemaAsync(cancellationToken)))
        {
            return false;
        }

        await ApplyAsync(cancellationToken);
        return true;
    }

    /// <returns>False where the database is behind.</returns>
    private bool Accepts(SchemaVersion found)
    {
        if (found.Serves(database.Schema))
        {
            if (found.Applied != database.Schema.Latest)
            {
                LogNewerSchema(_logger, found.Applied!, database.Schema.Latest);
            }

            return true;
        }

        return found.IsBehind(database.Schema)
            ? false
            : throw new StorageException(
                $"The database {database.Description} belongs to a newer version of SMTPy (it has {found.Applied}); update SMTPy.");
    }

    private async Task<SchemaVersion> ReadPatientlyAsync(CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        for (var said = ""; ;)
        {
            try
            {
                return await database.ReadSchemaAsync(cancellationToken);
            }
            catch (StorageException failure) when (failure.IsPassing && _time.GetElapsedTime(started) + Interval < patience)
            {
                if (said != failure.Message)
                {
                    LogWaiting(_logger, said = failure.Message, (int)patience.TotalSeconds);
                }

                await Task.Delay(Interval, _time, cancellationToken);
            }
        }
    }

    private async Task ApplyAsync(CancellationToken cancellationToken)
    {
        await using var context = createContext();
        try
        {
            // Noted first: after a crash in between, an older program is refused rather than let loose on what it does not know.
            await NoteOldestProgramAsync(cancellationToken);
            context.Database.SetCommandTimeout(MigrationTime);
            await context.Database.MigrateAsync(cancellationToken);
            LogMigrated(_logger, database.Description, database.Schema.Latest);
        }
        catch (DbException failure)
        {
            throw new StorageException($"The database {database.Description} could not be migrated: {failure.Message}", failure);
        }
    }

    private async Task NoteOldestProgramAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText =
            $"""
            CREATE TABLE IF NOT EXISTS {SchemaVersion.Table} (oldest_program varchar(150) NOT NULL PRIMARY KEY);
            INSERT INTO {SchemaVersion.Table} (oldest_program) VALUES ('{database.Schema.OldestProgram}') ON CONFLICT DO NOTHING;
            """;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "database {Database} migrated to {Migration}")]
    private static partial void LogMigrated(ILogger logger, string database, string migration);

    [LoggerMessage(Level = LogLevel.Warning, Message = "waiting up to {Seconds} s for the database: {Failure}")]
    private static partial void LogWaiting(ILogger logger, string failure, int seconds);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "the database has migration {Applied}, newer than this version's {Latest}, which it still allows")]
    private static partial void LogNewerSchema(ILogger logger, string applied, string latest);
}
