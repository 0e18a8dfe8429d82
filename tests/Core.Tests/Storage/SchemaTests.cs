using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Tests.Storage;

/// <summary>Which program may work on which database.</summary>
public abstract class SchemaTests(DatabaseKind kind)
{
    private const string Future = "99990101000000_Future";

    [Fact]
    public async Task Migrating_twice_does_nothing_the_second_time_and_does_not_start_EF()
    {
        using var database = await TestDatabase.CreateAsync(kind);
        var migrator = new DatabaseMigrator(database.Database, () => throw new InvalidOperationException("EF was started."));
        Assert.False(await migrator.MigrateAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_newer_database_that_still_allows_this_version_is_worked_on()
    {
        using var database = await MigratedByANewerVersionAsync(oldestProgram: null);
        Assert.False(await database.MigrateAsync());
        Assert.True((await database.Database.ReadSchemaAsync(TestContext.Current.CancellationToken)).Serves(database.Database.Schema));
        using var metrics = new StorageMetrics();
        await using var store = database.CreateStore(database.Time, metrics);
        await store.StartAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_newer_database_that_no_longer_allows_this_version_is_left_alone()
    {
        using var database = await MigratedByANewerVersionAsync(oldestProgram: Future);
        var failure = await Assert.ThrowsAsync<StorageException>(database.MigrateAsync);
        Assert.Contains("newer version", failure.Message, StringComparison.Ordinal);
        Assert.False((await database.Database.ReadSchemaAsync(TestContext.Current.CancellationToken)).Serves(database.Database.Schema));
    }

    [Fact]
    public async Task A_newer_database_that_does_not_say_whom_it_allows_is_left_alone()
    {
        using var database = await MigratedByANewerVersionAsync(oldestProgram: null);
        database.Execute("DROP TABLE schema_compatibility");
        await Assert.ThrowsAsync<StorageException>(database.MigrateAsync);
    }

    [Fact]
    public async Task A_store_on_a_database_that_is_not_migrated_does_not_start()
    {
        using var database = await TestDatabase.CreateEmptyAsync(kind);
        using var metrics = new StorageMetrics();
        database.Database.Prepare();
        await using var store = database.CreateStore(database.Time, metrics);
        var failure = await Assert.ThrowsAsync<StorageException>(() => store.StartAsync(TestContext.Current.CancellationToken));
        Assert.Contains("smtpy migrate", failure.Message, StringComparison.Ordinal);
    }

    private async Task<TestDatabase> MigratedByANewerVersionAsync(string? oldestProgram)
    {
        var database = await TestDatabase.CreateAsync(kind);
        database.Execute($"INSERT INTO \"__EFMigrationsHistory\" VALUES ('{Future}', '99')");
        if (oldestProgram is not null)
        {
            database.Execute($"INSERT INTO schema_compatibility VALUES ('{oldestProgram}')");
        }

        return database;
    }
}

public sealed class SchemaOnSqliteTests() : SchemaTests(DatabaseKind.Sqlite);

public sealed class SchemaOnPostgresTests() : SchemaTests(DatabaseKind.Postgres)
{
    [Fact]
    public async Task Replicas_that_start_at_once_on_an_empty_database_migrate_it_once()
    {
        var url = await SharedPostgres.NewDatabaseAsync("template1");
        var replicas = Enumerable.Range(0, 5).Select(_ => TestDatabase.Join(url)).ToList();
        var migrated = await Task.WhenAll(replicas.Select(static replica => Task.Run(replica.MigrateAsync)));
        Assert.Single(migrated, static first => first);
        Assert.Equal(4, replicas[0].Scalar("SELECT count(*) FROM counters"));
        replicas.ForEach(static replica => replica.Dispose());
    }
}
