using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Smtpy.Core.Storage;
using Smtpy.Core.Storage.Sqlite;

namespace Smtpy.Core.Tests.Storage;

/// <summary>Each fault: the right error, nothing stored, and the store goes on by itself when the fault goes.</summary>
public sealed class SqliteFailureTests : IAsyncLifetime
{
    private const int SqliteIoError = 10;
    private readonly StorageMetrics _metrics = new();
    private TestDatabase _database = null!;
    private SqliteMessageStore _store = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _database = await TestDatabase.CreateAsync();

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _metrics.Dispose();
        _database.Dispose();
    }

    [Fact]
    public async Task A_full_disk_is_told_apart_and_what_frees_space_still_gets_through()
    {
        await StartAsync(new MessageStoreOptions { ProbeInterval = TimeSpan.FromDays(1) });
        var first = await StoreAsync(1_000_000, leased: true);
        var limit = _database.Scalar("PRAGMA page_count") + 20;
        _store.Writer.Opened = connection => connection.Execute($"PRAGMA max_page_count = {limit}");
        await BreakConnectionAsync();

        await Assert.ThrowsAsync<StorageFullException>(() => StoreAsync(1_000_000));
        Assert.False(_store.IsWritable);
        var large = StoreAsync(1_000_000);
        var freed = _store.RecordAsync(
            new DeliveryReport(new DeliveryKey(first, 0), DeliveryState.Delivered, _database.Time.GetUtcNow(), null, "", ""), Cancellation);
        await freed;
        await large.ContinueWith(static _ => { }, Cancellation, TaskContinuationOptions.None, TaskScheduler.Default);
        var second = await StoreAsync(1000);
        Assert.True(_store.IsWritable);
        Assert.Null(await _store.ReadPartAsync(first, 0, Cancellation));
        Assert.NotNull(await _store.ReadPartAsync(second, 0, Cancellation));
    }

    [Fact]
    public async Task A_full_disk_stores_nothing_and_recovers()
    {
        await StartAsync(new MessageStoreOptions());
        var limit = _database.Scalar("PRAGMA page_count") + 20;
        _store.Writer.Opened = connection => connection.Execute($"PRAGMA max_page_count = {limit}");
        await BreakConnectionAsync();
        await Assert.ThrowsAsync<StorageFullException>(() => StoreAsync(1_000_000));
        Assert.Equal(0, _database.Scalar("SELECT count(*) FROM messages"));
        _store.Writer.Opened = null;
        await StoreAsync(1_000_000);
        Assert.Equal(1, _database.Scalar("SELECT count(*) FROM messages"));
        Assert.True(_store.IsWritable);
    }

    [Fact]
    public async Task A_read_only_database_refuses_and_recovers()
    {
        await StartAsync(new MessageStoreOptions { ProbeInterval = TimeSpan.FromDays(1) });
        _store.Writer.Opened = static connection => connection.Execute("PRAGMA query_only = ON");
        await BreakConnectionAsync();
        var failure = await Assert.ThrowsAsync<StorageException>(() => StoreAsync(10));
        Assert.Equal(8, Assert.IsType<SqliteException>(failure.InnerException).SqliteErrorCode);
        Assert.False(_store.IsWritable);
        _store.Writer.Opened = null;
        await StoreAsync(10);
        Assert.True(_store.IsWritable);
        Assert.Equal(1, _database.Scalar("SELECT count(*) FROM messages"));
    }

    [Fact]
    public async Task A_commit_that_throws_stores_nothing_and_an_idle_store_finds_out_when_the_fault_is_gone()
    {
        await StartAsync(new MessageStoreOptions { ProbeInterval = TimeSpan.FromMilliseconds(10) });
        _store.Writer.BeforeCommit = static () => throw new SqliteException("disk I/O error", SqliteIoError);
        var failures = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Assert.ThrowsAsync<StorageException>(() => StoreAsync(10))));
        Assert.All(failures, failure => Assert.IsNotType<StorageFullException>(failure));
        Assert.False(_store.IsWritable);
        Assert.Equal(0, _database.Scalar("SELECT count(*) FROM messages"));

        _store.Writer.BeforeCommit = null;
        while (!_store.IsWritable)
        {
            await Task.Delay(5, Cancellation);
        }

        await StoreAsync(10);
    }

    [Fact]
    public async Task A_write_lock_held_elsewhere_is_an_error_after_the_busy_time_and_no_more_once_released()
    {
        await StartAsync(new MessageStoreOptions { BusyTimeout = TimeSpan.FromMilliseconds(20) });
        using (new WriteLock(_database.Sqlite.Path))
        {
            var failure = await Assert.ThrowsAsync<StorageException>(() => StoreAsync(10));
            Assert.Contains("write lock", failure.Message, StringComparison.Ordinal);
        }

        await StoreAsync(10);
        Assert.Equal(1, _database.Scalar("SELECT count(*) FROM messages"));
    }

    [Fact]
    public async Task A_write_that_was_not_begun_in_time_is_never_made()
    {
        await StartAsync(new MessageStoreOptions { WriteTimeout = TimeSpan.FromSeconds(2), BusyTimeout = TimeSpan.FromMinutes(5) });
        var late = await _store.NextMessageIdAsync(Cancellation);
        using (new WriteLock(_database.Sqlite.Path))
        {
            var failure = await Assert.ThrowsAsync<StorageException>(() => StoreAsync(late, 10));
            Assert.Contains("nothing was stored", failure.Message, StringComparison.Ordinal);
        }

        // Behind whatever the first left, so that it had its chance to be written.
        var next = await StoreAtLastAsync();
        Assert.Equal(0, _database.Scalar($"SELECT count(*) FROM messages WHERE id = {late}"));
        Assert.Equal(1, _database.Scalar($"SELECT count(*) FROM messages WHERE id = {next}"));
    }

    [Fact]
    public async Task A_commit_that_comes_through_after_its_caller_was_refused_is_taken_back()
    {
        await StartAsync(new MessageStoreOptions { WriteTimeout = TimeSpan.FromSeconds(2) });
        using var stalled = new ManualResetEventSlim();
        _store.Writer.BeforeCommit = () => stalled.Wait(Cancellation);
        var late = await _store.NextMessageIdAsync(Cancellation);
        var failure = await Assert.ThrowsAsync<StorageException>(() => StoreAsync(late, 10));
        Assert.Contains("did not confirm", failure.Message, StringComparison.Ordinal);
        _store.Writer.BeforeCommit = null;
        stalled.Set();
        var next = await StoreAtLastAsync();

        Assert.Equal(2, _database.Scalar($"SELECT count(*) FROM messages WHERE id IN ({late}, {next})"));
        Assert.Equal(next, Assert.Single(await _store.LeaseDueAsync(10, Cancellation)).Key.MessageId);
        Assert.Equal(1, _database.Scalar("SELECT count(*) FROM messages"));
        Assert.Equal(1, _database.Scalar("SELECT count(*) FROM message_parts"));
    }

    [Fact]
    public async Task A_stalled_disk_shows_as_errors_and_not_as_memory()
    {
        await StartAsync(new MessageStoreOptions { QueueOperations = 2, BusyTimeout = TimeSpan.FromMinutes(5) });
        List<Task<long>> writes;
        var refused = 0;
        using (new WriteLock(_database.Sqlite.Path))
        {
            writes = Enumerable.Range(0, 10).Select(_ => StoreAsync(10)).ToList();
            foreach (var write in writes.Where(static write => write.IsFaulted))
            {
                Assert.Contains("too many writes", (await Assert.ThrowsAsync<StorageException>(() => write)).Message, StringComparison.Ordinal);
                refused++;
            }
        }

        // One batch at the writer, two operations waiting: the rest is refused at once.
        Assert.InRange(refused, 1, 8);
        foreach (var write in writes.Where(static write => !write.IsFaulted))
        {
            await write;
        }

        Assert.Equal(10 - refused, _database.Scalar("SELECT count(*) FROM messages"));
    }

    private async Task StartAsync(MessageStoreOptions options)
    {
        _store = new SqliteMessageStore(_database.Sqlite, options, _database.Time, _metrics, NullLogger<SqliteMessageStore>.Instance);
        await _store.StartAsync(Cancellation);

        // The first id takes a write; afterwards there are none but those under test.
        await _store.NextMessageIdAsync(Cancellation);
    }

    /// <summary>A failed commit makes the writer open a new connection for the next one.</summary>
    private async Task BreakConnectionAsync()
    {
        _store.Writer.BeforeCommit = static () => throw new SqliteException("disk I/O error", SqliteIoError);
        await Assert.ThrowsAsync<StorageException>(() => StoreAsync(1));
        _store.Writer.BeforeCommit = null;
    }

    private async Task<long> StoreAsync(int size, bool leased = false)
    {
        var id = await _store.NextMessageIdAsync(Cancellation);
        await StoreAsync(id, size, leased);
        return id;
    }

    private Task StoreAsync(long id, int size, bool leased = false) => _store.StoreAsync(
        new NewMessage(id, _database.Time.GetUtcNow(), "", "192.0.2.7", "mx", "SMTP", size, 0, new byte[size],
            [new NewDelivery(0, null, null, "a@alias.test", "jane@mail.test", DeliveryState.Queued, leased)]),
        Cancellation);

    /// <summary>Again and again until a message is taken in time; its id.</summary>
    private async Task<long> StoreAtLastAsync()
    {
        while (true)
        {
            try
            {
                return await StoreAsync(10);
            }
            catch (StorageException)
            {
                // This machine's disk was slower than the store waits here.
            }
        }
    }

    /// <summary>Another program in the middle of a write.</summary>
    private sealed class WriteLock : IDisposable
    {
        private readonly SqliteConnection _connection;

        public WriteLock(string path)
        {
            _connection = new SqliteConnection($"Data Source={path};Pooling=False");
            _connection.Open();
            using var command = _connection.CreateCommand();
            command.CommandText = "BEGIN IMMEDIATE";
            command.ExecuteNonQuery();
        }

        public void Dispose() => _connection.Dispose();
    }
}
