using System.Buffers;

namespace Smtpy.Smtp.Receive;

/// <summary>A growing pooled buffer for the part of a message that is being received. Not thread-safe.</summary>
internal sealed class PartBuffer(int capacity) : IDisposable
{
    private byte[]? _octets = ArrayPool<byte>.Shared.Rent(capacity);

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Written => _octets.AsMemory(0, Length);

    /// <summary>Room for at least <paramref name="length"/> octets behind what is written.</summary>
    public Span<byte> Reserve(int length)
    {
        ObjectDisposedException.ThrowIf(_octets is null, this);
        if (_octets.Length - Length < length)
        {
            Grow(length);
        }

        return _octets.AsSpan(Length);
    }

    public void Advance(int length) => Length += length;

    public void Write(ReadOnlySpan<byte> octets)
    {
        octets.CopyTo(Reserve(octets.Length));
        Length += octets.Length;
    }

    public void Clear() => Length = 0;

    public void Dispose()
    {
        var octets = Interlocked.Exchange(ref _octets, null);
        if (octets is not null)
        {
            ArrayPool<byte>.Shared.Return(octets);
        }
    }

    private void Grow(int length)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_octets!.Length * 2, Length + length));
        _octets.AsSpan(0, Length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_octets);
        _octets = larger;
    }
}
