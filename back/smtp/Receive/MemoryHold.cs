namespace Smtpy.Smtp.Receive;

/// <summary>
/// What one message under way holds of memory. While its connection uses it nobody else touches it; while the connection waits for its
/// client, <see cref="ReceiveMemory"/> may give it up for others.
/// </summary>
internal sealed class MemoryHold(ReceiveMemory memory, Action release)
{
    private const int Waiting = 0, InUse = 1, GivenUp = 2;

    private long _octets;
    private long _since;
    private int _state;

    public long Octets => Volatile.Read(ref _octets);

    /// <summary>Timestamp: when it began to hold what it holds.</summary>
    public long Since
    {
        get => Volatile.Read(ref _since);
        set => Volatile.Write(ref _since, value);
    }

    public bool IsScarce => memory.IsScarce;

    public bool IsGivenUp => Volatile.Read(ref _state) == GivenUp;

    /// <summary>False: it was given up, and there is nothing to be used any more.</summary>
    public bool TryUse() => Interlocked.CompareExchange(ref _state, InUse, Waiting) != GivenUp;

    /// <summary>The user waits for the client again.</summary>
    public void Leave() => Interlocked.CompareExchange(ref _state, Waiting, InUse);

    public bool TryGiveUp()
    {
        if (Interlocked.CompareExchange(ref _state, GivenUp, Waiting) != Waiting)
        {
            return false;
        }

        release();
        return true;
    }

    /// <summary>By its user.</summary>
    public void GiveUp()
    {
        Volatile.Write(ref _state, GivenUp);
        release();
    }

    public bool TryTake(long octets)
    {
        if (!memory.TryTake(octets))
        {
            return false;
        }

        Interlocked.Add(ref _octets, octets);
        return true;
    }

    public void Free(long octets)
    {
        Interlocked.Add(ref _octets, -octets);
        memory.Free(octets);
    }

    /// <summary>Gives back what goes to the collector.</summary>
    public void Drop(long octets)
    {
        Free(octets);
        memory.Dropped(octets);
    }

    /// <summary>What was held is stored; the next part begins.</summary>
    public void Restart() => memory.Restart(this);

    public void Close() => memory.Close(this);
}
