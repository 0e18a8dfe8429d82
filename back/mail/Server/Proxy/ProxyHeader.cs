using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Smtpy.Mail.Server.Proxy;

internal enum ProxyStatus
{
    Incomplete,
    Found,
    Invalid,
}

/// <summary>
/// The PROXY protocol's header, versions 1 and 2 (HAProxy, "The PROXY protocol", sections 2.1 and 2.2).
/// </summary>
/// <param name="Source">The client's end; null where the proxy speaks for itself (LOCAL) or does not know (UNKNOWN).</param>
/// <param name="Destination">The end that the client connected to.</param>
internal readonly record struct ProxyHeader(IPEndPoint? Source, IPEndPoint? Destination)
{
    // Section 2.1: the longest possible line, CRLF included.
    private const int MaxTextLength = 107;

    private const int BinaryPrefix = 16;

    // Addresses take 36 octets; the rest are TLVs, which we skip.
    private const int MaxBinaryRest = 4096;

    private static ReadOnlySpan<byte> Signature => "\r\n\r\n\0\r\nQUIT\n"u8;

    /// <summary>Takes the header off the buffer's beginning.</summary>
    public static ProxyStatus Read(ref ReadOnlySequence<byte> buffer, out ProxyHeader header)
    {
        header = default;
        Span<byte> start = stackalloc byte[(int)Math.Min(buffer.Length, BinaryPrefix + MaxBinaryRest)];
        buffer.Slice(0, start.Length).CopyTo(start);
        if (start.IsEmpty)
        {
            return ProxyStatus.Incomplete;
        }

        var status = start[0] == (byte)'P' ? ReadText(start, out header, out var length) : ReadBinary(start, out header, out length);
        buffer = buffer.Slice(length);
        return status;
    }

    private static ProxyStatus ReadText(ReadOnlySpan<byte> start, out ProxyHeader header, out int length)
    {
        (header, length) = (default, 0);
        var lineEnd = start[..Math.Min(start.Length, MaxTextLength)].IndexOf("\r\n"u8);
        if (lineEnd < 0)
        {
            return start.Length < MaxTextLength ? ProxyStatus.Incomplete : ProxyStatus.Invalid;
        }

        length = lineEnd + 2;
        var words = Encoding.ASCII.GetString(start[..lineEnd]).Split(' ');
        if (words is ["PROXY", "UNKNOWN", ..])
        {
            return ProxyStatus.Found;
        }

        if (words is not ["PROXY", "TCP4" or "TCP6", _, _, _, _]
            || !TryEndPoint(words[1], words[2], words[4], out var source) || !TryEndPoint(words[1], words[3], words[5], out var destination))
        {
            return ProxyStatus.Invalid;
        }

        header = new ProxyHeader(source, destination);
        return ProxyStatus.Found;
    }

    private static bool TryEndPoint(string family, string address, string port, out IPEndPoint? endPoint)
    {
        endPoint = null;
        var expected = family == "TCP4" ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6;
        if (!IPAddress.TryParse(address, out var parsed) || parsed.AddressFamily != expected
            || !ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        endPoint = new IPEndPoint(parsed, number).Unmapped();
        return true;
    }

    private static ProxyStatus ReadBinary(ReadOnlySpan<byte> start, out ProxyHeader header, out int length)
    {
        (header, length) = (default, 0);
        var known = Math.Min(start.Length, Signature.Length);
        if (!start[..known].SequenceEqual(Signature[..known]))
        {
            return ProxyStatus.Invalid;
        }

        if (start.Length < BinaryPrefix)
        {
            return ProxyStatus.Incomplete;
        }

        var rest = BinaryPrimitives.ReadUInt16BigEndian(start[14..]);
        if (start[12] >> 4 != 2 || (start[12] & 15) > 1 || rest > MaxBinaryRest)
        {
            return ProxyStatus.Invalid;
        }

        if (start.Length < BinaryPrefix + rest)
        {
            return ProxyStatus.Incomplete;
        }

        length = BinaryPrefix + rest;
        var isLocal = (start[12] & 15) == 0;
        return isLocal || TryAddresses(start[13], start.Slice(BinaryPrefix, rest), out header) ? ProxyStatus.Found : ProxyStatus.Invalid;
    }

    private static bool TryAddresses(byte family, ReadOnlySpan<byte> addresses, out ProxyHeader header)
    {
        header = default;
        var size = family switch { 0x11 => 4, 0x21 => 16, _ => 0 };

        // Unix sockets and UNSPEC: section 2.2 has the receiver keep the connection's own addresses.
        if (size == 0)
        {
            return true;
        }

        if (addresses.Length < (2 * size) + 4)
        {
            return false;
        }

        var ports = addresses[(2 * size)..];
        header = new ProxyHeader(
            new IPEndPoint(new IPAddress(addresses[..size]), BinaryPrimitives.ReadUInt16BigEndian(ports)).Unmapped(),
            new IPEndPoint(new IPAddress(addresses.Slice(size, size)), BinaryPrimitives.ReadUInt16BigEndian(ports[2..])).Unmapped());
        return true;
    }
}

internal static class EndPointUnmapping
{
    /// <summary>A dual-stack socket shows IPv4 clients as ::ffff:a.b.c.d; lists and limits know them by a.b.c.d.</summary>
    public static IPEndPoint Unmapped(this IPEndPoint endPoint) =>
        endPoint.Address.IsIPv4MappedToIPv6 ? new IPEndPoint(endPoint.Address.MapToIPv4(), endPoint.Port) : endPoint;
}
