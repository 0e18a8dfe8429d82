using Smtpy.Core.Storage;
using Smtpy.Core.Storage.Postgres;

namespace Smtpy.Core.Tests.Storage;

/// <summary>The store on PostgreSQL, alone and shared by several processes.</summary>
public sealed class PostgresMessageStoreTests : MessageStoreTests
{
    private readonly StorageMetrics _metrics = new();
    private TestDatabase _database = null!;

    protected override async Task PrepareAsync() => _database = await TestDatabase.CreateAsync(DatabaseKind.Postgres);

    protected override async Task<IMessageStore> StartAsync()
    {
        var store = _database.CreateStore(Time, _metrics);
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
    public async Task A_commit_is_durable_whatever_the_servers_default_is()
    {
        Assert.Equal("synchronous_commit off", await SharedPostgres.DefaultAsync("synchronous_commit"));
        string? seen = null;
        ((PostgresMessageStore)Store).Writer.AfterBatch = connection =>
        {
            using var command = new Npgsql.NpgsqlCommand("SHOW synchronous_commit", connection);
            seen = (string?)command.ExecuteScalar();
        };
        await StoreAsync([1], Queued(0));
        Assert.Equal("on", seen);
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
    public async Task What_others_say_may_hold_any_character_and_is_recorded_still()
    {
        var id = await StoreAsync([1], Queued(0, leased: true));
        await Store.RecordAsync(
            new DeliveryReport(new DeliveryKey(id, 0), DeliveryState.Failed, Time.GetUtcNow(), null, "550 a\0b\uD800c 😀", "mx\0:25"), Cancellation);
        Assert.Equal("550 a\uFFFDb\uFFFDc 😀", _database.Text("SELECT last_reply FROM deliveries"));
    }

    [Fact]
    public async Task Two_processes_never_take_the_same_delivery()
    {
        for (var i = 0; i < 200; i++)
        {
            await StoreAsync([1], Queued(0));
        }

        using var metrics = new StorageMetrics();
        await using var other = _database.CreateStore(Time, metrics);
        await other.StartAsync(Cancellation);
        var taken = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(() => (i % 2 == 0 ? Store : other).LeaseDueAsync(7, Cancellation))));
        var keys = taken.SelectMany(static due => due).Select(static due => due.Key).ToList();
        Assert.Equal(200, keys.Count);
        Assert.Equal(200, keys.Distinct().Count());
    }

    [Fact]
    public async Task A_live_process_keeps_what_it_holds_and_a_dead_ones_is_taken_over_when_its_lease_ends()
    {
        var id = await StoreAsync([1], Queued(0, leased: true));
        using var metrics = new StorageMetrics();
        await using var other = _database.CreateStore(Time, metrics);
        await other.StartAsync(Cancellation);
        Time.Advance(TimeSpan.FromSeconds(50));
        await other.RenewLeaseAsync(Cancellation);
        Assert.Empty(await other.LeaseDueAsync(10, Cancellation));

        Time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(id, Assert.Single(await other.LeaseDueAsync(10, Cancellation)).Key.MessageId);
        await ReportAsync(id, 0, DeliveryState.Delivered);
        Assert.NotNull(await other.ReadPartAsync(id, 0, Cancellation));
        Assert.False(await Store.RenewLeaseAsync(Cancellation));
        Assert.True(await Store.RenewLeaseAsync(Cancellation));
    }

    [Fact]
    public async Task What_is_stored_under_a_lease_that_others_have_ended_is_free_for_anybody()
    {
        using var metrics = new StorageMetrics();
        await using var other = _database.CreateStore(Time, metrics);
        await other.StartAsync(Cancellation);
        Time.Advance(TimeSpan.FromSeconds(61));
        await other.RenewLeaseAsync(Cancellation);
        await other.LeaseDueAsync(10, Cancellation);
        var id = await StoreAsync([1], Queued(0, leased: true));
        Assert.Empty(await Store.LeaseDueAsync(10, Cancellation));
        Assert.Equal(id, Assert.Single(await other.LeaseDueAsync(10, Cancellation)).Key.MessageId);
    }

    [Fact]
    public async Task The_octets_go_also_when_two_processes_finish_the_last_deliveries_at_the_same_time()
    {
        using var metrics = new StorageMetrics();
        await using var other = _database.CreateStore(Time, metrics);
        await other.StartAsync(Cancellation);
        var ids = new List<long>();
        for (var i = 0; i < 100; i++)
        {
            ids.Add(await StoreAsync([1], Queued(0, leased: true), Queued(1)));
        }

        Assert.Equal(100, (await other.LeaseDueAsync(1000, Cancellation)).Count);
        await Task.WhenAll(ids.SelectMany(id => new[] { ReportAsync(id, 0, DeliveryState.Delivered), Task.Run(() => other.RecordAsync(
            new DeliveryReport(new DeliveryKey(id, 1), DeliveryState.Delivered, Time.GetUtcNow(), null, "", ""), Cancellation)) }));
        Assert.Equal(0, _database.Scalar("SELECT count(*) FROM message_parts"));
    }

    [Fact]
    public async Task A_message_given_back_is_announced_to_the_other_processes()
    {
        await using var carrier = _database.Database.ChangeCarrier!(TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance);
        var heard = new Heard(carrier);
        await heard.ListeningAsync();
        var id = await StoreAsync([1], Queued(0, leased: true));
        await Store.GiveBackAsync([new DeliveryKey(id, 0)], Cancellation);
        await heard.WaitForAsync(Change.DueDeliveries);
    }
}
