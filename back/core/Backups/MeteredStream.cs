namespace Smtpy.Core.Backups;

/// <summary>
/// What comes out of a decompressor, no more of it than was allowed: a few octets of a hostile file can stand for gigabytes of header that
/// its reader would gather in memory.
/// </summary>
internal sealed class MeteredStream(Stream inner) : Stream
{
    private long _left;

    /// <summary>Octets that were read since the beginning.</summary>
    public long Total { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>From now on, so many octets.</summary>
    public void Allow(long octets) => _left = octets;

    public override int Read(byte[] buffer, int offset, int count) => Count(inner.Read(buffer, offset, count));

    public override int Read(Span<byte> buffer) => Count(inner.Read(buffer));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Count(await inner.ReadAsync(buffer, cancellationToken));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private int Count(int read)
    {
        Total += read;
        _left -= read;
        return _left >= 0 ? read : throw new InvalidDataException("more than was allowed");
    }
}
