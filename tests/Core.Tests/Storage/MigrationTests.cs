using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Storage;
using Smtpy.Core.Storage.Sqlite;

namespace Smtpy.Core.Tests.Storage;

public sealed class MigrationTests
{
    [Fact]
    public void Model_and_migrations_agree()
    {
        using var context = new SqliteDesignTimeFactory().CreateDbContext([]);
        Assert.False(context.Database.HasPendingModelChanges(), "Run: dotnet ef migrations add NAME");
    }

    [Fact]
    public void The_latest_migration_is_the_one_that_serving_compares_with()
    {
        using var context = new SqliteDesignTimeFactory().CreateDbContext([]);
        Assert.Equal(context.Database.GetMigrations().Last(), new SqliteDatabase("x.db").LatestMigration);
    }

    [Fact]
    public async Task Migrating_twice_does_nothing_the_second_time_and_does_not_start_EF()
    {
        using var database = await TestDatabase.CreateAsync();
        var migrator = new DatabaseMigrator(database.Sqlite, () => throw new InvalidOperationException("EF was started."));
        Assert.False(await migrator.MigrateAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_database_of_a_newer_version_is_left_alone()
    {
        using var database = await TestDatabase.CreateAsync();
        await using (var context = database.Contexts.CreateDbContext())
        {
            await context.Database.ExecuteSqlAsync(
                $"INSERT INTO __EFMigrationsHistory VALUES ('99990101000000_Future', '99')", TestContext.Current.CancellationToken);
        }

        var migrator = new DatabaseMigrator(database.Sqlite, database.Contexts.CreateDbContext);
        var failure = await Assert.ThrowsAsync<StorageException>(() => migrator.MigrateAsync(TestContext.Current.CancellationToken));
        Assert.Contains("newer version", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_made_is_a_storage_error_that_names_the_path()
    {
        // No folder can be made below a file, not even by root.
        using var database = await TestDatabase.CreateAsync();
        var impossible = new SqliteDatabase(Path.Combine(database.Sqlite.Path, "sub", "smtpy.db"));
        var migrator = new DatabaseMigrator(impossible, database.Contexts.CreateDbContext);
        var failure = await Assert.ThrowsAsync<StorageException>(() => migrator.MigrateAsync(TestContext.Current.CancellationToken));
        Assert.Contains(impossible.Path, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "/data/smtpy.db")]
    [InlineData("sqlite:/var/lib/x.db", "/var/lib/x.db")]
    [InlineData("sqlite:///var/lib/x.db", "/var/lib/x.db")]
    public void The_location_names_the_file(string? location, string path) =>
        Assert.Equal(path, Assert.IsType<SqliteDatabase>(DatabaseLocation.Parse(location, "/data")).Path);

    [Fact]
    public void A_location_that_is_not_understood_is_refused_without_repeating_it()
    {
        var failure = Assert.Throws<FormatException>(() => DatabaseLocation.Parse("mysql://u:secret@h/db", "/data"));
        Assert.DoesNotContain("secret", failure.Message, StringComparison.Ordinal);
    }
}
