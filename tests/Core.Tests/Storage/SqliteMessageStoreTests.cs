using Microsoft.Extensions.Logging.Abstractions;
using Smtpy.Core.Storage;
using Smtpy.Core.Storage.Sqlite;

namespace Smtpy.Core.Tests.Storage;

public sealed class SqliteMessageStoreTests : MessageStoreTests
{
    private readonly StorageMetrics _metrics = new();
    private TestDatabase _database = null!;

    protected override async Task PrepareAsync() => _database = await TestDatabase.CreateAsync();

    protected override async Task<IMessageStore> StartAsync()
    {
        var store = new SqliteMessageStore(
            _database.Sqlite, new MessageStoreOptions(), Time, _metrics, NullLogger<SqliteMessageStore>.Instance);
        await store.StartAsync(Cancellation);
        return store;
    }

    protected override long Count(string sql) => _database.Scalar(sql);

    protected override async Task<Guid> AddAccountAsync() => (await _database.AddAccountAsync($"{Guid.NewGuid():N}@owner.test")).Id;

    protected override Task CleanUpAsync()
    {
        _metrics.Dispose();
        _database.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task What_is_answered_is_in_the_file_for_any_other_connection()
    {
        await StoreAsync([1], Queued(0));
        Assert.Equal(1, _database.Scalar("SELECT count(*) FROM messages JOIN deliveries ON message_id = id"));
    }

    [Fact]
    public async Task Parallel_writes_share_commits()
    {
        var before = _metrics.Commits;
        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 20; i++)
            {
                await StoreAsync([1], Queued(0));
            }
        }, Cancellation)));
        Assert.InRange(_metrics.Commits - before, 1, 500);
    }

    [Fact]
    public async Task A_second_process_is_turned_away_with_one_clear_line()
    {
        await using var second = new SqliteMessageStore(
            _database.Sqlite, new MessageStoreOptions(), Time, new StorageMetrics(), NullLogger<SqliteMessageStore>.Instance);
        var refusal = await Assert.ThrowsAsync<StorageException>(() => second.StartAsync(Cancellation));
        Assert.Contains("Another smtpy process", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal.Message);
    }

    [Fact]
    public async Task What_a_killed_process_held_is_free_after_the_next_start()
    {
        var id = await StoreAsync([1], Queued(0, leased: true));
        await Store.DisposeAsync();
        _database.Execute("UPDATE deliveries SET lease = 77; INSERT INTO leases VALUES (77, 9000000000000)");
        await RestartAsync();
        Assert.Equal(id, Assert.Single(await Store.LeaseDueAsync(10, Cancellation)).Key.MessageId);
    }

    [Fact]
    public async Task An_expired_lease_of_another_process_is_taken_over()
    {
        var id = await StoreAsync([1], Queued(0));
        _database.Execute($"UPDATE deliveries SET lease = 77; INSERT INTO leases VALUES (77, {(Time.GetUtcNow() + TimeSpan.FromSeconds(30)).ToUnixTimeMilliseconds()})");
        Assert.Empty(await Store.LeaseDueAsync(10, Cancellation));
        Time.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(id, Assert.Single(await Store.LeaseDueAsync(10, Cancellation)).Key.MessageId);
        Assert.Equal(0, _database.Scalar("SELECT count(*) FROM leases WHERE id = 77"));
    }

    [Fact]
    public async Task A_database_that_is_not_migrated_stops_the_start()
    {
        var empty = new SqliteDatabase(Path.Combine(_database.Folder, "empty.db"));
        await using var store = new SqliteMessageStore(
            empty, new MessageStoreOptions(), Time, new StorageMetrics(), NullLogger<SqliteMessageStore>.Instance);
        var failure = await Assert.ThrowsAsync<StorageException>(() => store.StartAsync(Cancellation));
        Assert.Contains("smtpy migrate", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_log_is_folded_so_that_neither_file_grows_with_what_was_delivered()
    {
        for (var round = 0; round < 40; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 50).Select(async _ =>
            {
                var id = await StoreAsync(new byte[30_000], Queued(0, leased: true));
                await ReportAsync(id, 0, DeliveryState.Delivered);
            }));
        }

        // 60 MB went through; what stays is metadata, free pages for the next messages, and one log's worth.
        Assert.InRange(new FileInfo(_database.Sqlite.Path).Length, 1, 10_000_000);
        Assert.InRange(new FileInfo(_database.Sqlite.Path + "-wal").Length, 1, 40_000_000);
    }
}
