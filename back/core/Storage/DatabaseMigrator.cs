using Microsoft.EntityFrameworkCore;

namespace Smtpy.Core.Storage;

/// <summary>
/// Brings the database to the schema this program knows. Whether anything is to be done is asked in plain SQL: starting EF
/// costs a second, and nearly every start has nothing to migrate.
/// </summary>
public sealed class DatabaseMigrator(IDatabase database, Func<SmtpyContext> createContext)
{
    /// <returns>True where migrations were applied, false where there was nothing to do.</returns>
    /// <exception cref="StorageException">The database cannot be opened or written, or belongs to a newer version.</exception>
    public async Task<bool> MigrateAsync(CancellationToken cancellationToken)
    {
        var applied = await database.ReadMigrationAsync(cancellationToken);
        switch (string.CompareOrdinal(applied, database.LatestMigration))
        {
            case 0:
                return false;
            case > 0:
                throw new StorageException(
                    $"The database {database.Description} belongs to a newer version of SMTPy (it has {applied}); update SMTPy.");
            default:
                database.Prepare();
                await ApplyAsync(cancellationToken);
                return true;
        }
    }

    private async Task ApplyAsync(CancellationToken cancellationToken)
    {
        await using var context = createContext();
        try
        {
            await context.Database.MigrateAsync(cancellationToken);
        }
        catch (System.Data.Common.DbException failure)
        {
            throw new StorageException($"The database {database.Description} could not be migrated: {failure.Message}", failure);
        }
    }
}
