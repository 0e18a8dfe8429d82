using StackExchange.Redis;

namespace Smtpy.Core.Coordination;

/// <summary>Remembers for all processes in Redis; while that is gone, in this process alone.</summary>
public sealed class RedisFirstSeen(RedisLink link, TimeProvider time) : IFirstSeen
{
    private readonly MemoryFirstSeen _alone = new(time);

    public async ValueTask<DateTimeOffset> FirstSeenAsync(string what, TimeSpan kept, CancellationToken cancellationToken)
    {
        var first = time.GetUtcNow();
        var shared = await link.TryAsync(async connection =>
        {
            // One round trip: whoever comes first writes, and all read the same.
            var batch = connection.GetDatabase().CreateBatch();
            var written = batch.StringSetAsync(Key(what), first.ToUnixTimeMilliseconds(), kept, When.NotExists);
            var read = batch.StringGetAsync(Key(what));
            batch.Execute();
            await written;
            if ((await read).TryParse(out long milliseconds))
            {
                first = DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
            }
        });
        return shared ? first : await _alone.FirstSeenAsync(what, kept, cancellationToken);
    }

    public async ValueTask KeepAsync(string what, TimeSpan kept, CancellationToken cancellationToken)
    {
        if (!await link.TryAsync(connection => connection.GetDatabase().KeyExpireAsync(Key(what), kept)))
        {
            await _alone.KeepAsync(what, kept, cancellationToken);
        }
    }

    private static RedisKey Key(string what) => "smtpy:seen:" + what;
}
