using System.Buffers;
using System.Security.Cryptography;

namespace Smtpy.Mail.Dkim;

/// <summary>Turns a body's octets into canonical ones, which it writes to a <see cref="CanonicalBody"/>.</summary>
internal interface IBodyCanonicalizer
{
    void Append(ReadOnlySpan<byte> octets);

    void Finish();
}

/// <summary>A body in one canonical form, hashed up to each of the limits that signatures set.</summary>
internal sealed class CanonicalBody : IDisposable
{
    // Gathers the words between white space: a call of the hash costs more than the copy.
    private const int BufferSize = 8192;

    private static readonly byte[] LineEnds = [.. Enumerable.Repeat("\r\n"u8.ToArray(), 128).SelectMany(pair => pair)];

    private readonly List<LimitedHash> _hashes = [];
    private readonly IBodyCanonicalizer _canonicalizer;
    private byte[]? _buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
    private int _buffered;

    public CanonicalBody(Func<CanonicalBody, IBodyCanonicalizer> canonicalizer) => _canonicalizer = canonicalizer(this);

    /// <summary>Canonical octets so far.</summary>
    public long Length { get; private set; }

    public void Add(long? limit)
    {
        if (!_hashes.Exists(hash => hash.Limit == limit))
        {
            _hashes.Add(new LimitedHash(limit));
        }
    }

    public void Append(ReadOnlySpan<byte> octets) => _canonicalizer.Append(octets);

    public void Finish()
    {
        _canonicalizer.Finish();
        Flush();
        _hashes.ForEach(hash => hash.Finish());
    }

    public byte[]? Hash(long? limit) => _hashes.Find(hash => hash.Limit == limit)?.Value;

    public void Write(ReadOnlySpan<byte> octets)
    {
        Length += octets.Length;
        if (octets.Length > _buffer!.Length - _buffered)
        {
            Flush();
            if (octets.Length > _buffer.Length)
            {
                Hash(octets);
                return;
            }
        }

        octets.CopyTo(_buffer.AsSpan(_buffered));
        _buffered += octets.Length;
    }

    public void WriteLineEnds(long count)
    {
        for (var left = count * 2; left > 0; left -= LineEnds.Length)
        {
            Write(LineEnds.AsSpan(0, (int)Math.Min(left, LineEnds.Length)));
        }
    }

    public void Dispose()
    {
        _hashes.ForEach(hash => hash.Dispose());
        if (_buffer is not null)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = null;
        }
    }

    private void Flush()
    {
        Hash(_buffer.AsSpan(0, _buffered));
        _buffered = 0;
    }

    private void Hash(ReadOnlySpan<byte> octets)
    {
        foreach (var hash in _hashes)
        {
            hash.Append(octets);
        }
    }

    private sealed class LimitedHash(long? limit) : IDisposable
    {
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private long _left = limit ?? long.MaxValue;

        public long? Limit => limit;

        public byte[]? Value { get; private set; }

        public void Append(ReadOnlySpan<byte> octets)
        {
            var counted = octets[..(int)Math.Min(octets.Length, _left)];
            _left -= counted.Length;
            _hash.AppendData(counted);
        }

        public void Finish() => Value = _hash.GetHashAndReset();

        public void Dispose() => _hash.Dispose();
    }
}
