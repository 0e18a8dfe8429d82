using System.Buffers;
using System.Numerics;

namespace Smtpy.Smtp.Receive;

/// <summary>
/// A growing pooled buffer for the part of a message that is being received. It counts what it takes, not only what is written. Not thread-safe.
/// </summary>
/// <param name="memory">Where it is counted, until it is handed on.</param>
internal sealed class PartBuffer(MemoryHold memory) : IDisposable
{
    private const int Smallest = 4096;

    // Beyond it, which only a header can be, doubling would hold twice what is there, and the pool would keep that.
    private const int LargestPooled = 512 * 1024, Step = 256 * 1024;

    private const int AlwaysPooled = 16 * 1024;

    private byte[]? _octets = [];
    private MemoryHold? _memory = memory;

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Written => _octets.AsMemory(0, Length);

    /// <summary>Room for at least <paramref name="length"/> octets behind what is written. False: there is no memory for it.</summary>
    public bool TryReserve(int length, out Span<byte> room)
    {
        ObjectDisposedException.ThrowIf(_octets is null, this);
        var isThere = _octets.Length - Length >= length || TryGrow(Length + length);
        room = isThere ? _octets.AsSpan(Length) : default;
        return isThere;
    }

    public void Advance(int length) => Length += length;

    /// <summary>False: there is no memory for it, and nothing was written.</summary>
    public bool TryWrite(ReadOnlySpan<byte> octets)
    {
        if (!TryReserve(octets.Length, out var room))
        {
            return false;
        }

        octets.CopyTo(room);
        Length += octets.Length;
        return true;
    }

    /// <param name="giveBack">Holds nothing until the next octet comes.</param>
    public void Clear(bool giveBack)
    {
        Length = 0;
        if (giveBack)
        {
            Return(_octets!);
            _octets = [];
        }
    }

    /// <summary>From now on somebody else counts it.</summary>
    public void HandOn()
    {
        _memory?.Free(_octets!.Length);
        _memory = null;
    }

    public void Dispose()
    {
        var octets = Interlocked.Exchange(ref _octets, null);
        if (octets is not null)
        {
            Return(octets);
        }
    }

    private bool TryGrow(int length)
    {
        var capacity = length <= LargestPooled ? (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(length, Smallest)) : (length + Step - 1) / Step * Step;
        if (_memory?.TryTake(capacity) == false)
        {
            return false;
        }

        var larger = capacity <= LargestPooled ? ArrayPool<byte>.Shared.Rent(capacity) : GC.AllocateUninitializedArray<byte>(capacity);
        _octets.AsSpan(0, Length).CopyTo(larger);
        Return(_octets!);
        _octets = larger;
        return true;
    }

    private void Return(byte[] octets)
    {
        // Where memory is scarce, what the pool kept would come on top of the budget, for each size anew.
        if (octets.Length <= AlwaysPooled || (octets.Length <= LargestPooled && _memory?.IsScarce != true))
        {
            if (octets.Length > 0)
            {
                ArrayPool<byte>.Shared.Return(octets);
            }

            _memory?.Free(octets.Length);
        }
        else
        {
            _memory?.Drop(octets.Length);
        }
    }
}
