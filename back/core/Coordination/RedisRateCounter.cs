using System.Globalization;
using StackExchange.Redis;

namespace Smtpy.Core.Coordination;

/// <summary>Counts for all processes in Redis; while that is gone, in this process alone.</summary>
public sealed class RedisRateCounter(RedisLink link, TimeProvider time) : IRateCounter
{
    /// <summary>A count is kept this much longer than its window: clocks of replicas differ.</summary>
    private static readonly TimeSpan Longer = TimeSpan.FromMinutes(1);

    private readonly MemoryRateCounter _alone = new(time);

    public async ValueTask<RateCount> CountAsync(string who, TimeSpan window, CancellationToken cancellationToken)
    {
        var (number, left) = MemoryRateCounter.Position(time.GetUtcNow(), window);
        RedisKey key = string.Create(CultureInfo.InvariantCulture, $"smtpy:rate:{who}:{number}");
        var count = 0L;
        var shared = await link.TryAsync(async connection =>
        {
            // One round trip; the key's end goes with every count, so that none can be without.
            var batch = connection.GetDatabase().CreateBatch();
            var counted = batch.StringIncrementAsync(key);
            var ends = batch.KeyExpireAsync(key, window + Longer);
            batch.Execute();
            count = await counted;
            await ends;
        });
        return shared ? new RateCount(count, left) : await _alone.CountAsync(who, window, cancellationToken);
    }
}
