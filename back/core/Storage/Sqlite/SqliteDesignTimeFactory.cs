using Microsoft.EntityFrameworkCore.Design;

namespace Smtpy.Core.Storage.Sqlite;

/// <summary>What "dotnet ef migrations add" builds the SQLite migrations from.</summary>
internal sealed class SqliteDesignTimeFactory : IDesignTimeDbContextFactory<SmtpyContext>
{
    public SmtpyContext CreateDbContext(string[] args) =>
        new SmtpyContextFactory(new SqliteDatabase("design.db"), new RoutingChanges()).CreateDbContext();
}
