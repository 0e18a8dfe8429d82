using Smtpy.Core.Coordination;
using Xunit;

namespace Smtpy.Core.Tests.Coordination;

public sealed class MemoryFirstSeenTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public async Task What_was_seen_keeps_its_first_time_until_it_is_forgotten()
    {
        var seen = new MemoryFirstSeen(_time);
        var first = await FirstAsync(seen, "a");
        Assert.Equal(_time.GetUtcNow(), first);
        _time.Advance(TimeSpan.FromMinutes(30));
        Assert.Equal(first, await FirstAsync(seen, "a"));
        _time.Advance(TimeSpan.FromMinutes(31));
        Assert.Equal(_time.GetUtcNow(), await FirstAsync(seen, "a"));
    }

    [Fact]
    public async Task What_is_kept_is_remembered_longer()
    {
        var seen = new MemoryFirstSeen(_time);
        var first = await FirstAsync(seen, "a");
        await seen.KeepAsync("a", TimeSpan.FromDays(35), TestContext.Current.CancellationToken);
        await seen.KeepAsync("never seen", TimeSpan.FromDays(35), TestContext.Current.CancellationToken);
        _time.Advance(TimeSpan.FromDays(34));
        Assert.Equal(first, await FirstAsync(seen, "a"));
        Assert.Equal(_time.GetUtcNow(), await FirstAsync(seen, "never seen"));
    }

    [Fact]
    public async Task A_flood_of_marks_takes_bounded_memory_and_begins_anew()
    {
        var seen = new MemoryFirstSeen(_time);
        var first = await FirstAsync(seen, "a");
        for (var i = 0; i < 100_000; i++)
        {
            await FirstAsync(seen, i.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.NotEqual(first, await FirstAsync(seen, "a"));
    }

    private static ValueTask<DateTimeOffset> FirstAsync(MemoryFirstSeen seen, string what) =>
        seen.FirstSeenAsync(what, TimeSpan.FromHours(1), TestContext.Current.CancellationToken);
}
