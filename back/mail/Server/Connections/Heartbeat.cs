using System.Collections.Concurrent;

namespace Smtpy.Mail.Server.Connections;

/// <summary>Something that has deadlines.</summary>
internal interface ITimed
{
    /// <param name="now">Milliseconds on <see cref="Heartbeat.Now"/>'s scale.</param>
    void OnHeartbeat(long now);
}

/// <summary>
/// One timer for all connections, once a second: a timer per read would cost more than the read. Deadlines are therefore
/// a second coarse, always late and never early.
/// </summary>
internal sealed class Heartbeat : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<ITimed, byte> _timed = new();
    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly ITimer _timer;
    private long _now;

    public Heartbeat(TimeProvider time)
    {
        _time = time;
        _start = time.GetTimestamp();
        _timer = time.CreateTimer(static state => ((Heartbeat)state!).Beat(), this, Interval, Interval);
    }

    /// <summary>Milliseconds since the start, as of the last beat.</summary>
    public long Now => Volatile.Read(ref _now);

    /// <summary>The moment that lies this far ahead; a beat is added for the time since the last one.</summary>
    public long In(TimeSpan span) => Now + (long)(span + Interval).TotalMilliseconds;

    public void Add(ITimed timed) => _timed.TryAdd(timed, 0);

    public void Remove(ITimed timed) => _timed.TryRemove(timed, out _);

    public void Dispose() => _timer.Dispose();

    private void Beat()
    {
        var now = (long)_time.GetElapsedTime(_start).TotalMilliseconds;
        Volatile.Write(ref _now, now);
        foreach (var (timed, _) in _timed)
        {
            timed.OnHeartbeat(now);
        }
    }
}
