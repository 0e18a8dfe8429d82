using Microsoft.Extensions.Logging.Abstractions;
using Smtpy.Core.Storage;
using Smtpy.Mail.TlsPolicy;

namespace Smtpy.Core.Tests.Storage;

/// <summary>MTA-STS policies outlive the process that fetched them.</summary>
public abstract class TlsPolicyTableTests(DatabaseKind kind) : IAsyncLifetime
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds());

    private TestDatabase _database = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _database = await TestDatabase.CreateAsync(kind);

    public ValueTask DisposeAsync()
    {
        _database.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task What_one_process_stored_another_reads_and_the_newest_counts()
    {
        var first = new StoredTlsPolicy("home.test", "1", "mode: enforce\n", Now, Now.AddDays(1));
        await Table().WriteAsync(first, Cancellation);
        Assert.Equal(first, await Table().ReadAsync("home.test", Cancellation));

        var second = first with { Id = "2", Text = "mode: none\n", FetchedAt = Now.AddHours(1), ExpiresAt = Now.AddDays(2) };
        await Table().WriteAsync(second, Cancellation);
        Assert.Equal(second, await Table().ReadAsync("home.test", Cancellation));
        Assert.Null(await Table().ReadAsync("other.test", Cancellation));
    }

    [Fact]
    public async Task What_has_expired_goes_when_another_is_stored()
    {
        await Table().WriteAsync(new StoredTlsPolicy("old.test", "1", "mode: enforce\n", Now.AddDays(-2), Now.AddDays(-1)), Cancellation);
        await Table().WriteAsync(new StoredTlsPolicy("new.test", "1", "mode: enforce\n", Now, Now.AddDays(1)), Cancellation);
        Assert.Null(await Table().ReadAsync("old.test", Cancellation));
        Assert.NotNull(await Table().ReadAsync("new.test", Cancellation));
    }

    [Fact]
    public async Task A_database_that_fails_has_nothing_and_keeps_nothing()
    {
        await using (var connection = await _database.Database.OpenAsync(Cancellation))
        await using (var drop = connection.CreateCommand())
        {
            drop.CommandText = "DROP TABLE tls_policies";
            await drop.ExecuteNonQueryAsync(Cancellation);
        }

        await Table().WriteAsync(new StoredTlsPolicy("home.test", "1", "mode: enforce\n", Now, Now.AddDays(1)), Cancellation);
        Assert.Null(await Table().ReadAsync("home.test", Cancellation));
    }

    private TlsPolicyTable Table() => new(_database.Database, TimeProvider.System, NullLogger<TlsPolicyTable>.Instance);
}

public sealed class TlsPolicyTableOnSqliteTests() : TlsPolicyTableTests(DatabaseKind.Sqlite);

public sealed class TlsPolicyTableOnPostgresTests() : TlsPolicyTableTests(DatabaseKind.Postgres);
