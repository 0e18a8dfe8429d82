using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Storage;
using Smtpy.Core.Storage.Postgres;
using Smtpy.Core.Storage.Sqlite;

namespace Smtpy.Core.Tests.Storage;

public sealed class MigrationTests
{
    [Fact]
    public void Model_and_migrations_agree()
    {
        using var sqlite = new SqliteDesignTimeFactory().CreateDbContext([]);
        Assert.False(sqlite.Database.HasPendingModelChanges(), "Run: dotnet ef migrations add NAME --context SqliteContext …");
        using var postgres = new PostgresDesignTimeFactory().CreateDbContext([]);
        Assert.False(postgres.Database.HasPendingModelChanges(), "Run: dotnet ef migrations add NAME --context PostgresContext …");
    }

    [Fact]
    public void The_latest_migration_is_the_one_that_serving_compares_with()
    {
        using var sqlite = new SqliteDesignTimeFactory().CreateDbContext([]);
        AssertSchema([.. sqlite.Database.GetMigrations()], DatabaseLocation.Parse("sqlite:x.db", "/data"));
        using var postgres = new PostgresDesignTimeFactory().CreateDbContext([]);
        AssertSchema([.. postgres.Database.GetMigrations()], DatabaseLocation.Parse("postgres://u:p@h/db", "/data"));
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

    private static void AssertSchema(List<string> migrations, IDatabase database)
    {
        Assert.Equal(migrations[^1], database.Schema.Latest);
        Assert.Contains(database.Schema.OldestProgram, migrations);
    }
}
