using System.Buffers;
using System.Text;

namespace Smtpy.Mail.Client;

/// <summary>What is sent with the next write. Its memory comes from the pool and goes back when it is cleared, so that an idle connection holds none.</summary>
internal sealed class OutputBuffer
{
    private byte[] _buffer = [];

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, Length);

    public void Write(ReadOnlySpan<byte> octets)
    {
        octets.CopyTo(Room(octets.Length));
        Length += octets.Length;
    }

    public void Write(string text) => Length += Encoding.UTF8.GetBytes(text, Room(Encoding.UTF8.GetMaxByteCount(text.Length)));

    public void Write(long number)
    {
        number.TryFormat(Room(20), out var written, provider: null);
        Length += written;
    }

    public void Clear()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }

        _buffer = [];
        Length = 0;
    }

    private Span<byte> Room(int octets)
    {
        if (_buffer.Length - Length < octets)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(1024, Math.Max(Length + octets, _buffer.Length * 2)));
            _buffer.AsSpan(0, Length).CopyTo(larger);
            if (_buffer.Length > 0)
            {
                ArrayPool<byte>.Shared.Return(_buffer);
            }

            _buffer = larger;
        }

        return _buffer.AsSpan(Length);
    }
}
