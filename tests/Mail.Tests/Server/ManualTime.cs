namespace Smtpy.Mail.Tests.Server;

/// <summary>A clock that stands still until it is moved; timers fire inside <see cref="Advance"/>.</summary>
internal sealed class ManualTime : TimeProvider
{
    private readonly Lock _moving = new();
    private readonly List<ManualTimer> _timers = [];
    private TimeSpan _elapsed;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp()
    {
        lock (_moving)
        {
            return _elapsed.Ticks;
        }
    }

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddYears(56).AddTicks(GetTimestamp());

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves the clock second by second, as the heartbeat expects it.</summary>
    public void Advance(TimeSpan span)
    {
        for (var left = span; left > TimeSpan.Zero; left -= TimeSpan.FromSeconds(1))
        {
            List<ManualTimer> due;
            lock (_moving)
            {
                _elapsed += left < TimeSpan.FromSeconds(1) ? left : TimeSpan.FromSeconds(1);
                due = [.. _timers.Where(timer => timer.IsDue(_elapsed))];
            }

            due.ForEach(timer => timer.Fire());
        }
    }

    private sealed class ManualTimer(ManualTime time, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan _due = Timeout.InfiniteTimeSpan;
        private TimeSpan _period = Timeout.InfiniteTimeSpan;

        public bool IsDue(TimeSpan now) => _due != Timeout.InfiniteTimeSpan && now >= _due;

        public void Fire()
        {
            _due = _period > TimeSpan.Zero ? _due + _period : Timeout.InfiniteTimeSpan;
            callback(state);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._moving)
            {
                _period = period;
                _due = dueTime == Timeout.InfiniteTimeSpan ? dueTime : time._elapsed + dueTime;
                time._timers.Remove(this);
                if (_due != Timeout.InfiniteTimeSpan)
                {
                    time._timers.Add(this);
                }

                return true;
            }
        }

        public void Dispose() => Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
