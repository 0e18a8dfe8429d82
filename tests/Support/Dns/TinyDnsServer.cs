using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Smtpy.Tests.Support.Dns;

/// <summary>Record types the tests serve.</summary>
public enum DnsType
{
    A = 1,
    Mx = 15,
    Txt = 16,
    Aaaa = 28,
}

/// <summary>
/// An authoritative DNS server over UDP for a handful of records, so that delivery by MX needs no resolver and no internet.
/// Names it does not know are NXDOMAIN; types it does not know of a known name are an empty answer.
/// </summary>
public sealed class TinyDnsServer : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly List<(string Name, DnsType Type, byte[] Data)> _records = [];
    private readonly HashSet<string> _broken = [];
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;

    public TinyDnsServer()
    {
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _serving = ServeAsync();
    }

    /// <summary>As <c>DNS_SERVER</c> wants it.</summary>
    public string Address => _socket.LocalEndPoint!.ToString()!;

    public TinyDnsServer A(string name, string address) => Add(name, DnsType.A, IPAddress.Parse(address).GetAddressBytes());

    public TinyDnsServer Aaaa(string name, string address) => Add(name, DnsType.Aaaa, IPAddress.Parse(address).GetAddressBytes());

    /// <summary>An MX record; preference 0 and host "." is a null MX (RFC 7505).</summary>
    public TinyDnsServer Mx(string name, int preference, string host)
    {
        var data = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(data, (ushort)preference);
        return Add(name, DnsType.Mx, [.. data, .. EncodeName(host)]);
    }

    public TinyDnsServer Txt(string name, string text)
    {
        var octets = Encoding.UTF8.GetBytes(text);
        return Add(name, DnsType.Txt, [.. octets.Chunk(255).SelectMany(chunk => chunk.Prepend((byte)chunk.Length))]);
    }

    /// <summary>Questions about the name are answered SERVFAIL.</summary>
    public TinyDnsServer Broken(string name)
    {
        lock (_gate)
        {
            _broken.Add(Key(name));
        }

        return this;
    }

    /// <summary>Takes back <see cref="Broken"/>.</summary>
    public TinyDnsServer Repair(string name)
    {
        lock (_gate)
        {
            _broken.Remove(Key(name));
        }

        return this;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _serving;
        _socket.Dispose();
        _stop.Dispose();
    }

    private TinyDnsServer Add(string name, DnsType type, byte[] data)
    {
        lock (_gate)
        {
            _records.Add((Key(name), type, data));
        }

        return this;
    }

    private async Task ServeAsync()
    {
        var buffer = new byte[4096];
        try
        {
            while (true)
            {
                var packet = await _socket.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), _stop.Token);
                if (packet.ReceivedBytes > 12)
                {
                    await _socket.SendToAsync(Answer(buffer.AsSpan(0, packet.ReceivedBytes)), packet.RemoteEndPoint, _stop.Token);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
    }

    private byte[] Answer(ReadOnlySpan<byte> query)
    {
        var (name, end) = DecodeName(query, 12);
        var type = (DnsType)BinaryPrimitives.ReadUInt16BigEndian(query[end..]);
        List<byte[]> found;
        bool known;
        bool broken;
        lock (_gate)
        {
            found = [.. _records.Where(record => record.Name == name && record.Type == type).Select(record => record.Data)];
            known = _records.Exists(record => record.Name == name);
            broken = _broken.Contains(name);
        }

        // QR, AA, RA set; RCODE 2 = SERVFAIL, 3 = NXDOMAIN (RFC 1035 section 4.1.1). Only the question is echoed: no EDNS.
        var code = broken ? 2 : known ? 0 : 3;
        var answer = new List<byte>(512);
        answer.AddRange(query[..2]);
        answer.AddRange([0x84 | 0x01, (byte)(0x80 | code), 0, 1, 0, (byte)found.Count, 0, 0, 0, 0]);
        answer.AddRange(query[12..(end + 4)]);
        foreach (var data in found)
        {
            answer.AddRange([0xC0, 12, 0, (byte)type, 0, 1, 0, 0, 0, 60, (byte)(data.Length >> 8), (byte)data.Length]);
            answer.AddRange(data);
        }

        return [.. answer];
    }

    private static (string Name, int End) DecodeName(ReadOnlySpan<byte> packet, int at)
    {
        var labels = new List<string>();
        while (packet[at] != 0)
        {
            labels.Add(Encoding.UTF8.GetString(packet.Slice(at + 1, packet[at])));
            at += packet[at] + 1;
        }

        return (Key(string.Join('.', labels)), at + 1);
    }

    private static byte[] EncodeName(string name)
    {
        var octets = new List<byte>();
        foreach (var label in name.Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            octets.Add((byte)label.Length);
            octets.AddRange(Encoding.ASCII.GetBytes(label));
        }

        octets.Add(0);
        return [.. octets];
    }

    private static string Key(string name) => name.TrimEnd('.').ToLowerInvariant();
}
