using Microsoft.EntityFrameworkCore.Design;

namespace Smtpy.Core.Storage.Postgres;

/// <summary>What "dotnet ef migrations add --context PostgresContext" builds the PostgreSQL migrations from; it connects to nothing.</summary>
internal sealed class PostgresDesignTimeFactory : IDesignTimeDbContextFactory<PostgresContext>
{
    public PostgresContext CreateDbContext(string[] args)
    {
        var nowhere = new PostgresLocation("localhost", PostgresLocation.DefaultPort, "smtpy", "smtpy", "");
        return (PostgresContext)new PostgresDatabase(nowhere, new PostgresOptions()).CreateContext(new RoutingChanges());
    }
}
