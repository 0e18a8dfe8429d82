using Microsoft.EntityFrameworkCore.Design;

namespace Smtpy.Core.Storage.Sqlite;

/// <summary>What "dotnet ef migrations add --context SqliteContext" builds the SQLite migrations from.</summary>
internal sealed class SqliteDesignTimeFactory : IDesignTimeDbContextFactory<SqliteContext>
{
    public SqliteContext CreateDbContext(string[] args) =>
        (SqliteContext)new SqliteDatabase("design.db").CreateContext(new RoutingChanges());
}
