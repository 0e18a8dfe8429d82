using System.Buffers.Text;

namespace Smtpy.Mail.Encryption;

/// <summary>Writes what it is given as base64 in lines that end in CRLF (RFC 2045 section 6.8; RFC 9580 section 6.2).</summary>
internal sealed class Base64LineStream(Stream output, bool withChecksum = false) : Stream
{
    /// <summary>Characters per line; 64, which every reader of PEM, OpenPGP and MIME takes.</summary>
    public const int LineLength = 64;

    private const int LineOctets = LineLength / 4 * 3;

    private readonly byte[] _pending = new byte[LineOctets];
    private int _length;
    private ArmorChecksum _checksum = new();

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (_length > 0)
        {
            var take = Math.Min(LineOctets - _length, buffer.Length);
            buffer[..take].CopyTo(_pending.AsSpan(_length));
            _length += take;
            buffer = buffer[take..];
            if (_length < LineOctets)
            {
                return;
            }

            WriteLine(_pending);
        }

        for (; buffer.Length >= LineOctets; buffer = buffer[LineOctets..])
        {
            WriteLine(buffer[..LineOctets]);
        }

        buffer.CopyTo(_pending);
        _length = buffer.Length;
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <summary>Writes what is left, its padding and the checksum. Closing does not, since libraries close streams when they please.</summary>
    public void Finish()
    {
        if (_length > 0)
        {
            WriteLine(_pending.AsSpan(0, _length));
            _length = 0;
        }

        if (withChecksum)
        {
            Span<byte> line = stackalloc byte[7];
            line[0] = (byte)'=';
            _checksum.WriteTo(line[1..5]);
            "\r\n"u8.CopyTo(line[5..]);
            output.Write(line);
        }
    }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private void WriteLine(ReadOnlySpan<byte> octets)
    {
        if (withChecksum)
        {
            _checksum.Add(octets);
        }

        Span<byte> line = stackalloc byte[LineLength + 2];
        Base64.EncodeToUtf8(octets, line, out _, out var written);
        "\r\n"u8.CopyTo(line[written..]);
        output.Write(line[..(written + 2)]);
    }
}
