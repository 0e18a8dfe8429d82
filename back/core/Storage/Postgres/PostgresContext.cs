using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Recipients;
using Smtpy.Core.Storage.Model;

namespace Smtpy.Core.Storage.Postgres;

/// <summary>The model in PostgreSQL's types.</summary>
internal sealed class PostgresContext(DbContextOptions<PostgresContext> options, RoutingChanges changes) : SmtpyContext(options, changes)
{
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);

        // Columns that are computed when they are read came with version 18.
        modelBuilder.Entity<Recipient>().Property<string>(AccountModel.EmailKey).HasComputedColumnSql(AccountModel.EmailKeySql, stored: true);
    }
}
