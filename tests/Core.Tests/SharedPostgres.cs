using System.Globalization;
using Npgsql;
using Smtpy.Core.Storage.Postgres;
using Smtpy.Core.Tests;
using Smtpy.Tests.Support.Processes;

[assembly: AssemblyFixture(typeof(SharedPostgres))]

namespace Smtpy.Core.Tests;

/// <summary>One server for all tests of this assembly, started by the first that needs it; each test gets a database of its own.</summary>
public sealed class SharedPostgres : IAsyncDisposable
{
    private const string Template = "migrated";
    private static readonly SemaphoreSlim Creating = new(1, 1);
    private static PostgresServer? _server;
    private static int _databases;

    /// <param name="template">What it begins as; a migrated database unless told otherwise.</param>
    /// <returns>Its DATABASE_URL.</returns>
    public static async Task<string> NewDatabaseAsync(string template = Template)
    {
        await Creating.WaitAsync();
        try
        {
            var server = _server ??= await StartAsync();
            var name = string.Create(CultureInfo.InvariantCulture, $"test{++_databases}");
            await server.RunAsync($"CREATE DATABASE {name} TEMPLATE {template}");
            return server.Url(name);
        }
        finally
        {
            Creating.Release();
        }
    }

    /// <summary>Removes a database whose test is over, at once: five hundred of them together take minutes of a slow disk.</summary>
    internal static void Drop(PostgresLocation database)
    {
        var superuser = PostgresConnections.Lone(database);
        superuser.Database = "postgres";
        using var connection = new NpgsqlConnection(superuser.ConnectionString);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"DROP DATABASE \"{database.Database}\" WITH (FORCE)";
        command.ExecuteNonQuery();
    }

    /// <summary>A setting as the server has it for whoever says nothing.</summary>
    public static async Task<string> DefaultAsync(string setting) => $"{setting} {await _server!.RunAsync("SHOW " + setting)}";

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    private static async Task<PostgresServer> StartAsync()
    {
        var server = await PostgresServer.StartFreshAsync();
        await server.RunAsync($"CREATE DATABASE {Template}");
        using var template = TestDatabase.Join(server.Url(Template));
        Assert.True(await template.MigrateAsync());
        await template.Postgres.DisposeAsync();
        return server;
    }
}
