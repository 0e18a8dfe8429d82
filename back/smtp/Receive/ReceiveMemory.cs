using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Smtpy.Smtp.Receive;

/// <summary>
/// What all messages under way may hold of memory together. Each message's hold counts what it takes, a buffer at a time. Where that is
/// too much, those are given up that held most for longest: whoever sends half a message and waits makes room for those who go on.
/// </summary>
public sealed class ReceiveMemory(ReceiveOptions options, TimeProvider time, ILogger<ReceiveMemory> logger)
{
    // While all that could be given up is being stored, looking again for each chunk would only cost processor time.
    private static readonly TimeSpan FruitlessPause = TimeSpan.FromMilliseconds(100);

    // Nobody else asks for the collector: what an attack made us hold is old when it is let go, and old objects are looked at last.
    private readonly long _mostUncollected = Math.Max(options.MemoryOctets / 4, 16 * 1024 * 1024);

    private readonly ConcurrentDictionary<MemoryHold, bool> _holds = new();
    private readonly Lock _relief = new();
    private long _octets;
    private long _fruitless;
    private long _uncollected;

    public long Octets => Volatile.Read(ref _octets);

    /// <summary>Half of it is taken: what can be stored ahead is, in smaller parts.</summary>
    public bool IsScarce => Octets > options.MemoryOctets / 2;

    /// <param name="release">Lets go of all that the message holds; called at most once, from any thread, while nobody uses the hold.</param>
    internal MemoryHold Open(Action release)
    {
        var hold = new MemoryHold(this, release) { Since = time.GetTimestamp() };
        _holds.TryAdd(hold, true);
        return hold;
    }

    internal void Close(MemoryHold hold) => _holds.TryRemove(hold, out _);

    internal void Restart(MemoryHold hold) => hold.Since = time.GetTimestamp();

    internal bool TryTake(long octets) => TryAdd(octets) || Relieve(octets);

    internal void Free(long octets) => Interlocked.Add(ref _octets, -octets);

    /// <summary>So many octets went to the collector and not to a pool. When they are a quarter of the budget, they are collected.</summary>
    internal void Dropped(long octets)
    {
        if (Interlocked.Add(ref _uncollected, octets) < _mostUncollected || Interlocked.Exchange(ref _uncollected, 0) < _mostUncollected)
        {
            return;
        }

        // While it goes on, the room is used again; afterwards it is given back to the system.
        var mode = IsScarce ? GCCollectionMode.Forced : GCCollectionMode.Aggressive;
        ThreadPool.UnsafeQueueUserWorkItem(
            static mode => GC.Collect(GC.MaxGeneration, mode, blocking: true, compacting: mode == GCCollectionMode.Aggressive), mode, preferLocal: false);
    }

    private bool TryAdd(long octets)
    {
        if (Interlocked.Add(ref _octets, octets) <= options.MemoryOctets)
        {
            return true;
        }

        Interlocked.Add(ref _octets, -octets);
        return false;
    }

    private bool Relieve(long wanted)
    {
        lock (_relief)
        {
            if (TryAdd(wanted))
            {
                return true;
            }

            if (_fruitless != 0 && time.GetElapsedTime(_fruitless) < FruitlessPause)
            {
                return false;
            }

            var before = Octets;
            var givenUp = GiveUp(options.MemoryOctets - (options.MemoryOctets / 4) - wanted);
            _fruitless = givenUp == 0 ? time.GetTimestamp() : 0;
            if (givenUp > 0)
            {
                ReceiveLog.MemoryRelieved(logger, before, options.MemoryOctets, givenUp);
            }
        }

        return TryAdd(wanted);
    }

    /// <summary>A quarter at once, so that the next ones need not look again.</summary>
    private int GiveUp(long goal)
    {
        var holds = _holds.Keys.Select(hold => (Cost: hold.Octets * (time.GetElapsedTime(hold.Since).TotalMilliseconds + 1), Hold: hold)).ToArray();
        Array.Sort(holds, static (a, b) => b.Cost.CompareTo(a.Cost));
        var count = 0;
        for (var i = 0; i < holds.Length && Octets > goal; i++)
        {
            if (holds[i].Hold.TryGiveUp())
            {
                count++;
            }
        }

        return count;
    }
}
