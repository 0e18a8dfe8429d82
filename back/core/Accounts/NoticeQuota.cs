using System.Runtime.CompilerServices;

namespace Smtpy.Core.Accounts;

/// <summary>
/// How many notices an account has had today of each kind. What the database says of the day so far is asked once for each; from then
/// on this process counts its own, so that several processes together may send a few more than the limit, never a flood.
/// </summary>
/// <param name="most">Of one kind, on one day.</param>
internal sealed class NoticeQuota(int most) : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private Dictionary<(Guid Account, string Kind), StrongBox<int>> _today = [];
    private Dictionary<(Guid Account, string Kind), int> _leftOut = [];
    private DateTime _day;

    /// <param name="sent">Asks how many were queued on this day, by any process.</param>
    public async ValueTask<NoticeTurn> TakeAsync(
        Guid account, string kind, DateTimeOffset now, Func<DateTimeOffset, Task<int>> sent, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            Turn(now.UtcDateTime.Date);
            var key = (account, kind);
            if (!_today.TryGetValue(key, out var count))
            {
                _today[key] = count = new StrongBox<int>(await sent(new DateTimeOffset(_day, TimeSpan.Zero)));
            }

            count.Value++;
            return count.Value > most ? default : new NoticeTurn(true, count.Value == most, _leftOut.Remove(key, out var before) ? before : 0);
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    private void Turn(DateTime day)
    {
        if (day == _day)
        {
            return;
        }

        // Only what was left out yesterday is news; who got no notice since is not told of the day before.
        _leftOut = _today.Where(entry => entry.Value.Value > most).ToDictionary(static e => e.Key, e => e.Value.Value - most);
        (_day, _today) = (day, []);
    }
}

/// <param name="Granted">False: not now.</param>
/// <param name="IsLast">No more of this kind today.</param>
/// <param name="LeftOut">How many were left out on the day before; 0 for none.</param>
internal readonly record struct NoticeTurn(bool Granted, bool IsLast, int LeftOut);
