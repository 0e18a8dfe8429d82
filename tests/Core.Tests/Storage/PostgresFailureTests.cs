using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Smtpy.Core.Storage;
using Smtpy.Core.Storage.Postgres;
using Smtpy.Tests.Support.Processes;

namespace Smtpy.Core.Tests.Storage;

/// <summary>Each fault: the right error, nothing lost, and the store goes on by itself when the fault goes.</summary>
public sealed class PostgresFailureTests : IAsyncLifetime
{
    private readonly StorageMetrics _metrics = new();
    private PostgresServer? _server;
    private TestDatabase _database = null!;
    private PostgresMessageStore _store = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _metrics.Dispose();
        _database.Dispose();
        if (_server is not null)
        {
            await _database.Postgres.DisposeAsync();
            await _server.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_killed_server_refuses_writes_loses_nothing_and_service_returns_with_it()
    {
        _server = await PostgresServer.StartFreshAsync(Cancellation);
        await _server.RunAsync("CREATE DATABASE mail");
        await StartAsync(TestDatabase.Join(_server.Url("mail")));
        await StoreAsync();
        await _server.KillAsync();
        await Assert.ThrowsAsync<StorageException>(() => StoreAsync());
        Assert.False(_store.IsWritable);
        await _server.StartAsync(Cancellation);
        while (!_store.IsWritable)
        {
            await Task.Delay(5, Cancellation);
        }

        await StoreAsync();
        await TryLeaseAsync();
        Assert.Equal(2, _database.Scalar("SELECT count(*) FROM messages"));
    }

    [Fact]
    public async Task A_commit_whose_answer_is_lost_is_taken_back()
    {
        await StartAsync(await TestDatabase.CreateAsync(DatabaseKind.Postgres));
        _store.Writer.AfterBatch = static _ => throw new NpgsqlException("the connection broke");
        var failure = await Assert.ThrowsAsync<StorageException>(() => StoreAsync());
        Assert.True(failure.IsFateUnknown);
        _store.Writer.AfterBatch = null;
        Assert.Equal(1, _database.Scalar("SELECT count(*) FROM messages"));
        Assert.Empty(await _store.LeaseDueAsync(10, Cancellation));
        Assert.Equal(0, _database.Scalar("SELECT (SELECT count(*) FROM messages) + (SELECT count(*) FROM message_parts) + (SELECT count(*) FROM deliveries)"));
    }

    [Fact]
    public async Task A_session_that_is_ended_in_the_middle_stores_nothing_and_the_next_write_goes_through()
    {
        await StartAsync(await TestDatabase.CreateAsync(DatabaseKind.Postgres));
        _store.Writer.BeforeBatch = connection =>
        {
            _store.Writer.BeforeBatch = null;
            _database.Execute($"SELECT pg_terminate_backend({connection.ProcessID})");
        };
        await Assert.ThrowsAsync<StorageException>(() => StoreAsync());
        await StoreAsync();
        await TryLeaseAsync();
        Assert.Equal(1, _database.Scalar("SELECT count(*) FROM messages"));
    }

    [Fact]
    public async Task A_full_disk_is_told_apart()
    {
        await StartAsync(await TestDatabase.CreateAsync(DatabaseKind.Postgres));
        _database.Execute(
            """
            CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE disk_full; END $$;
            CREATE TRIGGER full_disk BEFORE INSERT ON message_parts FOR EACH ROW EXECUTE FUNCTION full_disk();
            """);
        await Assert.ThrowsAsync<StorageFullException>(() => StoreAsync());
        _database.Execute("DROP TRIGGER full_disk ON message_parts");
        await StoreAsync();
        Assert.True(_store.IsWritable);
        Assert.Equal(1, _database.Scalar("SELECT count(*) FROM messages"));
    }

    [Fact]
    public async Task A_read_only_server_refuses_and_recovers()
    {
        await StartAsync(await TestDatabase.CreateAsync(DatabaseKind.Postgres));
        _store.Writer.BeforeBatch = static connection =>
        {
            using var command = new NpgsqlCommand("SET default_transaction_read_only = on", connection);
            command.ExecuteNonQuery();
        };
        await Assert.ThrowsAsync<StorageException>(() => StoreAsync());
        Assert.False(_store.IsWritable);
        _store.Writer.BeforeBatch = null;
        await StoreAsync();
        Assert.True(_store.IsWritable);
    }

    [Fact]
    public async Task Sessions_from_while_the_database_was_read_only_do_not_come_back_from_the_pool()
    {
        await StartAsync(await TestDatabase.CreateAsync(DatabaseKind.Postgres));
        _database.Execute(
            """
            DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', current_database()); END $$;
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid();
            """);

        // The first errors may be those of the sessions that were ended.
        while (await Assert.ThrowsAnyAsync<StorageException>(() => StoreAsync()) is var refused && !refused.Message.Contains("25006", StringComparison.Ordinal))
        {
        }

        await Assert.ThrowsAsync<StorageException>(() => _store.LeaseDueAsync(10, Cancellation));
        _database.Execute(
            """
            SET TRANSACTION READ WRITE;
            DO $$ BEGIN EXECUTE format('ALTER DATABASE %I RESET default_transaction_read_only', current_database()); END $$;
            """);
        await StoreAsync();
        await _store.LeaseDueAsync(10, Cancellation);
        Assert.True(_store.IsWritable);
    }

    [Fact]
    public async Task Changes_are_heard_again_after_the_connection_was_lost()
    {
        await StartAsync(await TestDatabase.CreateAsync(DatabaseKind.Postgres));
        await using var carrier = _database.Database.ChangeCarrier!(TimeProvider.System, NullLoggerFactory.Instance);
        var heard = new Heard(carrier);
        await heard.ListeningAsync();
        _database.Execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%' AND pid <> pg_backend_pid()");
        await heard.ListeningAsync();
        await new RoutingChanges(carrier).AnnounceAsync(Cancellation);
        await heard.WaitForAsync(Change.Routing);
    }

    private async Task StartAsync(TestDatabase database)
    {
        _database = database;
        await _database.MigrateAsync();
        _store = (PostgresMessageStore)_database.CreateStore(
            _database.Time, _metrics, new MessageStoreOptions { ProbeInterval = TimeSpan.FromMilliseconds(20) });
        await _store.StartAsync(Cancellation);
        await _store.NextMessageIdAsync(Cancellation);
    }

    private async Task StoreAsync()
    {
        var id = await _store.NextMessageIdAsync(Cancellation);
        await _store.StoreAsync(
            new NewMessage(id, _database.Time.GetUtcNow(), "", "192.0.2.7", "mx", "SMTP", 10, 0, new byte[10],
                [new NewDelivery(0, null, null, "a@alias.test", "jane@mail.test", DeliveryState.Queued, true)]),
            Cancellation);
    }

    /// <summary>Takes back what is of unknown fate. Pooled connections that broke unnoticed may fail first.</summary>
    private async Task TryLeaseAsync()
    {
        for (var done = false; !done;)
        {
            try
            {
                await _store.LeaseDueAsync(10, Cancellation);
                done = true;
            }
            catch (StorageException)
            {
                await Task.Delay(5, Cancellation);
            }
        }
    }
}
