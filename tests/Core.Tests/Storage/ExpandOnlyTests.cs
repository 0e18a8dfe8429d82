using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Smtpy.Core.Tests.Storage;

/// <summary>
/// An older program goes on working on what a newer one has migrated, back to the oldest one that the schema names: replicas are
/// exchanged one by one, and a rollback gives the new database to the old program.
/// </summary>
public sealed class ExpandOnlyTests
{
    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task Every_migration_since_the_oldest_program_leaves_what_older_programs_write_and_read(DatabaseKind kind)
    {
        using var database = await TestDatabase.CreateEmptyAsync(kind);
        database.Database.Prepare();
        await using var context = database.Contexts.CreateDbContext();
        var migrations = context.Database.GetMigrations().ToArray();
        var migrator = context.Database.GetService<IMigrator>();
        var oldest = Array.IndexOf(migrations, database.Database.Schema.OldestProgram);
        await migrator.MigrateAsync(migrations[oldest], TestContext.Current.CancellationToken);
        var before = Columns(database);
        foreach (var migration in migrations[(oldest + 1)..])
        {
            await migrator.MigrateAsync(migration, TestContext.Current.CancellationToken);
            var after = Columns(database);
            Assert.All(before.Keys, column => Assert.True(after.ContainsKey(column), $"{migration} takes {column} away"));
            Assert.All(before, column => Assert.Equal(column.Value, after[column.Key]));
            var added = after.Keys.Except(before.Keys, StringComparer.Ordinal).Where(column => before.Keys.Any(known => TableOf(known) == TableOf(column)));
            Assert.All(added, column => Assert.True(after[column].CanBeLeftOut, $"{migration}: {column} has no default, and older programs do not write it"));
        }
    }

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task What_the_first_release_stored_is_there_after_all_migrations(DatabaseKind kind)
    {
        using var database = await TestDatabase.CreateEmptyAsync(kind);
        database.Database.Prepare();
        await using (var context = database.Contexts.CreateDbContext())
        {
            var first = context.Database.GetMigrations().First();
            await context.Database.GetService<IMigrator>().MigrateAsync(first, TestContext.Current.CancellationToken);
        }

        var (id, yes) = kind == DatabaseKind.Sqlite ? ("x'00112233445566778899aabbccddeeff'", "1") : ("'00112233-4455-6677-8899-aabbccddeeff'", "true");
        database.Execute($"INSERT INTO accounts (id, email, is_admin, created_at) VALUES ({id}, 'jane@mail.test', {yes}, 5)");
        database.Execute($"INSERT INTO domains (id, account_id, name, catch_all, created_at, verified_at) VALUES ({id}, {id}, 'alias.test', {yes}, 5, 6)");
        await database.MigrateAsync();

        Assert.Equal("jane@mail.test", database.Text("SELECT email FROM accounts"));
        Assert.Equal(1, database.Scalar("SELECT count(*) FROM domains WHERE name = 'alias.test' AND active AND verified_at = 6"));

        // And the older program's own statement still works.
        var other = kind == DatabaseKind.Sqlite ? "x'ff112233445566778899aabbccddeeff'" : "'ff112233-4455-6677-8899-aabbccddeeff'";
        database.Execute($"INSERT INTO domains (id, account_id, name, catch_all, created_at, verified_at) VALUES ({other}, {id}, 'other.test', {yes}, 5, 6)");
    }

    private static string TableOf(string column) => column[..column.IndexOf('.', StringComparison.Ordinal)];

    private static SortedDictionary<string, Column> Columns(TestDatabase database)
    {
        var sql = database.Database is Core.Storage.Sqlite.SqliteDatabase
            ? """
              SELECT group_concat(m.name || '.' || c.name || '|' || c.type || '|' || (c."notnull" = 0 OR c.dflt_value IS NOT NULL), char(10))
              FROM sqlite_schema m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE '\_\_%' ESCAPE '\'
              """
            : """
              SELECT string_agg(table_name || '.' || column_name || '|' || data_type || '|' || (is_nullable = 'YES' OR column_default IS NOT NULL OR is_identity = 'YES')::int, chr(10))
              FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '\_\_%'
              """;
        var columns = new SortedDictionary<string, Column>(StringComparer.Ordinal);
        foreach (var line in database.Text(sql)!.Split('\n'))
        {
            var parts = line.Split('|');
            columns[parts[0]] = new Column(parts[1], int.Parse(parts[2], CultureInfo.InvariantCulture) != 0);
        }

        return columns;
    }

    private sealed record Column(string Type, bool CanBeLeftOut);
}
