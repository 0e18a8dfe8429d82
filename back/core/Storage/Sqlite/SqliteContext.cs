using Microsoft.EntityFrameworkCore;

namespace Smtpy.Core.Storage.Sqlite;

/// <summary>The model in SQLite's types.</summary>
internal sealed class SqliteContext(DbContextOptions<SqliteContext> options, RoutingChanges changes) : SmtpyContext(options, changes)
{
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        base.ConfigureConventions(configurationBuilder);

        // 16 bytes instead of 36 characters, in every delivery twice.
        configurationBuilder.Properties<Guid>().HaveConversion<byte[]>();
    }
}
