using System.Data.Common;
using Microsoft.EntityFrameworkCore;
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

    /// <summary>Id of the last migration this program knows. A constant, so that serving need not start EF to compare.</summary>
    string LatestMigration { get; }

    /// <summary>Creates what must exist before the first migration (folder, file with its page size).</summary>
    /// <exception cref="StorageException">It cannot be created.</exception>
    void Prepare();

    /// <summary>An open, pooled connection for plain SQL reads; disposing gives it back.</summary>
    /// <exception cref="StorageException">The database cannot be opened.</exception>
    ValueTask<DbConnection> OpenAsync(CancellationToken cancellationToken);

    /// <summary>Id of the last migration applied, or null for an empty database.</summary>
    ValueTask<string?> ReadMigrationAsync(CancellationToken cancellationToken);

    void Configure(DbContextOptionsBuilder builder);

    /// <summary>The message store on this database; it opens nothing before <see cref="IMessageStore.StartAsync"/>.</summary>
    IMessageStore CreateMessageStore(MessageStoreOptions options, TimeProvider time, StorageMetrics metrics, ILoggerFactory loggers);
}
