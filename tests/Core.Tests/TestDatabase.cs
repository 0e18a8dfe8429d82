using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Smtpy.Core.Accounts;
using Smtpy.Core.Aliases;
using Smtpy.Core.Domains;
using Smtpy.Core.Storage;
using Smtpy.Core.Storage.Postgres;
using Smtpy.Core.Storage.Sqlite;
using Smtpy.Tests.Support;

namespace Smtpy.Core.Tests;

public enum DatabaseKind
{
    Sqlite,
    Postgres,
}

/// <summary>A migrated database of its own.</summary>
public sealed class TestDatabase : IDisposable
{
    private readonly TempFolder _folder = new("core");
    private readonly bool _isOurs;

    private TestDatabase(string? url, bool isOurs = true)
    {
        _isOurs = isOurs;
        Database = DatabaseLocation.Parse(url, _folder.Path);
        Contexts = new SmtpyContextFactory(Database, Changes);
    }

    public IDatabase Database { get; }

    public SqliteDatabase Sqlite => (SqliteDatabase)Database;

    internal PostgresDatabase Postgres => (PostgresDatabase)Database;

    public RoutingChanges Changes { get; } = new();

    public IDbContextFactory<SmtpyContext> Contexts { get; }

    public ManualTime Time { get; } = new();

    public string Folder => _folder.Path;

    public static async Task<TestDatabase> CreateAsync(DatabaseKind kind = DatabaseKind.Sqlite)
    {
        var database = new TestDatabase(kind is DatabaseKind.Postgres ? await SharedPostgres.NewDatabaseAsync() : null);
        await database.MigrateAsync();
        return database;
    }

    /// <summary>A database that nothing was ever done to.</summary>
    public static async Task<TestDatabase> CreateEmptyAsync(DatabaseKind kind) =>
        new(kind is DatabaseKind.Postgres ? await SharedPostgres.NewDatabaseAsync("template1") : null);

    /// <summary>On a database that others use as well.</summary>
    public static TestDatabase Join(string url) => new(url, isOurs: false);

    public Task<bool> MigrateAsync() => new DatabaseMigrator(Database, Contexts.CreateDbContext).MigrateAsync(CancellationToken.None);

    /// <summary>Contexts as another process has them: what they change is announced to nobody here.</summary>
    public IDbContextFactory<SmtpyContext> ContextsOfAnotherProcess() => new SmtpyContextFactory(Database, new RoutingChanges());

    /// <summary>What lookups rest on, in this process.</summary>
    public RoutingVersion Version(TimeProvider time, TimeSpan? poll = null) =>
        new(Database, Changes, poll ?? new AliasDirectoryOptions().ChangePoll, time);

    /// <summary>A store, not started. On PostgreSQL the server's clock seems to stand where <paramref name="time"/> does.</summary>
    public IMessageStore CreateStore(ManualTime time, StorageMetrics metrics, MessageStoreOptions? options = null)
    {
        var store = Database.CreateMessageStore(options ?? new MessageStoreOptions(), time, metrics, NullLoggerFactory.Instance);
        if (store is PostgresMessageStore postgres)
        {
            postgres.Leases.ClockAhead = () => time.GetUtcNow() - TimeProvider.System.GetUtcNow();
        }

        return store;
    }

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

    /// <summary>Asks the database itself, past every layer.</summary>
    public long Scalar(string sql) => Convert.ToInt64(Run(sql, static command => command.ExecuteScalar()), System.Globalization.CultureInfo.InvariantCulture);

    public string? Text(string sql) => Run(sql, static command => command.ExecuteScalar()) as string;

    public void Execute(string sql) => Run(sql, static command => command.ExecuteNonQuery());

    public void Dispose()
    {
        if (Database is PostgresDatabase postgres)
        {
            postgres.Forget();
            if (_isOurs)
            {
                SharedPostgres.Drop(postgres.Location);
            }
        }
        else
        {
            SqliteConnection.ClearAllPools();
        }

        _folder.Dispose();
    }

    private T Run<T>(string sql, Func<System.Data.Common.DbCommand, T> run)
    {
        using System.Data.Common.DbConnection connection = Database is PostgresDatabase postgres
            ? new NpgsqlConnection(PostgresConnections.Lone(postgres.Location).ConnectionString)
            : new SqliteConnection($"Data Source={Sqlite.Path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return run(command);
    }
}

/// <summary>A clock that stands until it is moved. Timers and timestamps stay real.</summary>
public sealed class ManualTime : TimeProvider
{
    private DateTimeOffset _now = new(2026, 1, 5, 8, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => _now;

    public void Advance(TimeSpan by) => _now += by;
}
