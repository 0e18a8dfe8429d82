using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Accounts;
using Smtpy.Core.Aliases;
using Smtpy.Core.Domains;
using Smtpy.Core.Storage;
using Smtpy.Core.Storage.Sqlite;

namespace Smtpy.Core.Tests;

/// <summary>A migrated SQLite database in a folder of its own.</summary>
public sealed class TestDatabase : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("smtpy-core-");

    private TestDatabase()
    {
        Sqlite = new SqliteDatabase(Path.Combine(_folder.FullName, "smtpy.db"));
        Contexts = new SmtpyContextFactory(Sqlite, Changes);
    }

    public SqliteDatabase Sqlite { get; }

    public RoutingChanges Changes { get; } = new();

    public IDbContextFactory<SmtpyContext> Contexts { get; }

    public ManualTime Time { get; } = new();

    public string Folder => _folder.FullName;

    public static async Task<TestDatabase> CreateAsync()
    {
        var database = new TestDatabase();
        await new DatabaseMigrator(database.Sqlite, database.Contexts.CreateDbContext).MigrateAsync(CancellationToken.None);
        return database;
    }

    /// <summary>Contexts as another process has them: what they change is announced to nobody here.</summary>
    public IDbContextFactory<SmtpyContext> ContextsOfAnotherProcess() => new SmtpyContextFactory(Sqlite, new RoutingChanges());

    public async Task<Account> AddAccountAsync(string email, bool isAdmin = false)
    {
        await using var context = Contexts.CreateDbContext();
        var account = new Account { Email = email, IsAdmin = isAdmin, CreatedAt = Time.GetUtcNow() };
        context.Accounts.Add(account);
        await context.SaveChangesAsync();
        return account;
    }

    public async Task AddVerifiedDomainAsync(string name, string owner)
    {
        Assert.True((await new AddDomain(Contexts, Time).RunAsync(name, owner, CancellationToken.None)).Succeeded);
        Assert.True((await new VerifyDomain(Contexts, Time).RunAsync(name, force: true, CancellationToken.None)).Succeeded);
    }

    public async Task<Alias> AddAliasAsync(string address, params string[] recipients)
    {
        var added = await new AddAlias(Contexts, Time).RunAsync(address, recipients, null, CancellationToken.None);
        Assert.True(added.Succeeded, added.Problem?.Message);
        return added.Value;
    }

    /// <summary>Asks the file itself, past every layer.</summary>
    public long Scalar(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Sqlite.Path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt64(command.ExecuteScalar(), System.Globalization.CultureInfo.InvariantCulture);
    }

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        _folder.Delete(recursive: true);
    }
}

/// <summary>A clock that stands until it is moved. Timers and timestamps stay real.</summary>
public sealed class ManualTime : TimeProvider
{
    private DateTimeOffset _now = new(2026, 1, 5, 8, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => _now;

    public void Advance(TimeSpan by) => _now += by;
}
