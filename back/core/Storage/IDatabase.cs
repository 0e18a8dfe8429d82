using System.Data.Common;
using Microsoft.Extensions.Logging;

namespace Smtpy.Core.Storage;

/// <summary>
/// The database chosen by DATABASE_URL: everything that differs between SQLite and PostgreSQL is behind this and
/// <see cref="IMessageStore"/>.
/// </summary>
public interface IDatabase
{
    /// <summary>For messages to people; never holds a password.</summary>
    string Description { get; }

    /// <summary>What this program knows of the schema. Constants, so that serving need not start EF to compare.</summary>
    ProgramSchema Schema { get; }

    /// <summary>Creates what must exist before the first migration (folder, file with its page size).</summary>
    /// <exception cref="StorageException">It cannot be created.</exception>
    void Prepare();

    /// <summary>Held by the one process that migrates; disposing lets the next one look.</summary>
    /// <exception cref="StorageException">Another process has held it for too long.</exception>
    ValueTask<IAsyncDisposable> LockForMigrationAsync(CancellationToken cancellationToken);

    /// <summary>An open, pooled connection for plain SQL reads; disposing gives it back.</summary>
    /// <exception cref="StorageException">The database cannot be opened.</exception>
    ValueTask<DbConnection> OpenAsync(CancellationToken cancellationToken);

    /// <summary>A connection for a lookup on the path of every message, with the statements it has prepared before.</summary>
    /// <exception cref="StorageException">The database cannot be opened.</exception>
    ValueTask<LookupSession> OpenLookupAsync(CancellationToken cancellationToken);

    /// <exception cref="StorageException">The database cannot be opened.</exception>
    ValueTask<SchemaVersion> ReadSchemaAsync(CancellationToken cancellationToken);

    /// <param name="changes">Told of every change to routing that the context saves.</param>
    SmtpyContext CreateContext(RoutingChanges changes);

    /// <summary>The message store on this database; it opens nothing before <see cref="IMessageStore.StartAsync"/>.</summary>
    IMessageStore CreateMessageStore(MessageStoreOptions options, TimeProvider time, StorageMetrics metrics, ILoggerFactory loggers);

    /// <summary>Says that this process works with the database until it is disposed: nobody puts another in its place meanwhile.</summary>
    /// <exception cref="StorageException">Somebody is just doing that.</exception>
    IDisposable Use();

    /// <summary>Makes what tells other processes of changes; null where the database itself cannot: they look at the routing version.</summary>
    Func<TimeProvider, ILoggerFactory, IChangeCarrier>? ChangeCarrier { get; }
}
