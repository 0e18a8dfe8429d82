using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Smtpy.Tests.Support.Dns;

/// <summary>
/// A DNS server on 127.0.0.1, UDP and TCP on one port, with the records it is given, so that nothing needs a resolver or the internet.
/// It can also fail, be silent and cut answers short.
/// </summary>
public sealed class DnsTestServer : IAsyncDisposable
{
    private readonly DnsZone _zone = new();
    private readonly Socket _udp;
    private readonly TcpListener _tcp;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;

    public DnsTestServer()
    {
        (_udp, _tcp) = ListenOnOnePort();
        EndPoint = (IPEndPoint)_udp.LocalEndPoint!;
        _serving = Task.WhenAll(ServeUdpAsync(), ServeTcpAsync());
    }

    public IPEndPoint EndPoint { get; }

    /// <summary>As <c>DNS_SERVER</c> wants it.</summary>
    public string Address => EndPoint.ToString();

    /// <summary>Every question asked, as "name TYPE"; one over TCP as "name TYPE tcp".</summary>
    public ConcurrentQueue<string> Questions { get; } = new();

    /// <summary>TTL and MINIMUM of the SOA that comes with "no such name" and "no such record"; null: no SOA.</summary>
    public uint? NegativeTtl { get; set; } = 60;

    /// <summary>Whether answers say that they were validated (AD, RFC 4035 section 3.2.3).</summary>
    public bool AuthenticData { get; set; }

    public DnsTestServer A(string name, string address, uint ttl = 300) => Add(name, DnsType.A, ttl, IPAddress.Parse(address).GetAddressBytes());

    public DnsTestServer Aaaa(string name, string address, uint ttl = 300) =>
        Add(name, DnsType.Aaaa, ttl, IPAddress.Parse(address).GetAddressBytes());

    /// <summary>An MX record; preference 0 and host "." is a null MX (RFC 7505).</summary>
    public DnsTestServer Mx(string name, ushort preference, string host, uint ttl = 300) =>
        Add(name, DnsType.Mx, ttl, [.. DnsWire.Number16(preference), .. DnsWire.Name(host)]);

    /// <summary>One TXT record with one string, in pieces of 255 octets where it is longer; a character is an octet (Latin-1).</summary>
    public DnsTestServer Txt(string name, string text, uint ttl = 300) =>
        Add(name, DnsType.Txt, ttl, [.. Encoding.Latin1.GetBytes(text).Chunk(255).SelectMany(chunk => chunk.Prepend((byte)chunk.Length))]);

    /// <summary>One TXT record with several strings, each at most 255 octets.</summary>
    public DnsTestServer TxtStrings(string name, params string[] strings) =>
        Add(name, DnsType.Txt, 300, [.. strings.SelectMany(text => Encoding.Latin1.GetBytes(text).Prepend((byte)text.Length))]);

    /// <summary>A PTR record: the name of an address.</summary>
    public DnsTestServer Reverse(string address, string name, uint ttl = 300) =>
        Add(ReverseName(IPAddress.Parse(address)), DnsType.Reverse, ttl, DnsWire.Name(name));

    public DnsTestServer Cname(string name, string target, uint ttl = 300) => Add(name, DnsType.Cname, ttl, DnsWire.Name(target));

    /// <summary>RFC 6698 section 2.1.</summary>
    public DnsTestServer Tlsa(string name, byte usage, byte selector, byte matching, byte[] data, uint ttl = 300) =>
        Add(name, DnsType.Tlsa, ttl, [usage, selector, matching, .. data]);

    /// <summary>The code of every answer about the name. 2: SERVFAIL, 3: NXDOMAIN, 5: REFUSED; 0: as the records say.</summary>
    public DnsTestServer Code(string name, int code)
    {
        _zone.SetCode(name, code);
        return this;
    }

    /// <summary>Questions about the name are answered SERVFAIL.</summary>
    public DnsTestServer Broken(string name) => Code(name, 2);

    /// <summary>Questions about the name are not answered.</summary>
    public DnsTestServer Silent(string name)
    {
        _zone.SetSilent(name);
        return this;
    }

    /// <summary>Over UDP the answer has no records and says that it was cut short (TC).</summary>
    public DnsTestServer Truncated(string name)
    {
        _zone.SetTruncated(name);
        return this;
    }

    /// <summary>Takes back <see cref="Code"/>, <see cref="Broken"/>, <see cref="Silent"/> and <see cref="Truncated"/>.</summary>
    public DnsTestServer Repair(string name)
    {
        _zone.Clear(name);
        return this;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _serving;
        _udp.Dispose();
        _tcp.Dispose();
        _stop.Dispose();
    }

    private DnsTestServer Add(string name, DnsType type, uint ttl, byte[] data)
    {
        _zone.Add(new DnsRecord(name.TrimEnd('.'), type, ttl, data));
        return this;
    }

    private static string ReverseName(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork
        ? string.Join('.', address.GetAddressBytes().Reverse()) + ".in-addr.arpa"
        : string.Join('.', Convert.ToHexStringLower(address.GetAddressBytes()).Reverse()) + ".ip6.arpa";

    /// <summary>The port is the system's choice for UDP; another program may have it for TCP.</summary>
    private static (Socket Udp, TcpListener Tcp) ListenOnOnePort()
    {
        for (var tries = 20; ; tries--)
        {
            var udp = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            udp.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            var tcp = new TcpListener((IPEndPoint)udp.LocalEndPoint!);
            try
            {
                tcp.Start();
                return (udp, tcp);
            }
            catch (SocketException) when (tries > 0)
            {
                tcp.Dispose();
                udp.Dispose();
            }
        }
    }

    private async Task ServeUdpAsync()
    {
        var buffer = new byte[4096];
        try
        {
            while (true)
            {
                var packet = await _udp.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), _stop.Token);
                if (Answer(buffer.AsSpan(0, packet.ReceivedBytes), overTcp: false) is { } answer)
                {
                    await _udp.SendToAsync(answer, packet.RemoteEndPoint, _stop.Token);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
    }

    private async Task ServeTcpAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _tcp.AcceptTcpClientAsync(_stop.Token);
                await ServeClientAsync(client.GetStream());
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
    }

    private async Task ServeClientAsync(NetworkStream stream)
    {
        var length = new byte[2];
        try
        {
            while (await stream.ReadAtLeastAsync(length, 2, throwOnEndOfStream: false, _stop.Token) == 2)
            {
                var query = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
                await stream.ReadExactlyAsync(query, _stop.Token);
                if (Answer(query, overTcp: true) is { } answer)
                {
                    await stream.WriteAsync((byte[])[.. DnsWire.Number16(answer.Length), .. answer], _stop.Token);
                }
            }
        }
        catch (IOException)
        {
            // The client went away.
        }
    }

    private byte[]? Answer(ReadOnlySpan<byte> query, bool overTcp)
    {
        var (name, end) = DnsWire.QuestionOf(query);
        var type = (DnsType)BinaryPrimitives.ReadUInt16BigEndian(query[end..]);
        Questions.Enqueue($"{name} {type}{(overTcp ? " tcp" : "")}");
        var found = _zone.Find(name, type);
        if (found.Silent)
        {
            return null;
        }

        var cut = found.Truncated && !overTcp;
        List<DnsRecord> records = cut || found.Code is not (0 or 3) ? [] : found.Records;
        var none = !records.Exists(record => record.Type == type);
        DnsRecord[] authority = none && !cut && found.Code is 0 or 3 && NegativeTtl is { } ttl ? [Soa(ttl)] : [];

        // QR and RD, TC; RA, AD and the code (RFC 1035 section 4.1.1). Only the question is echoed: no EDNS.
        return
        [
            .. query[..2], (byte)(0x81 | (cut ? 0x02 : 0)), (byte)(0x80 | (AuthenticData ? 0x20 : 0) | found.Code),
            0, 1, .. DnsWire.Number16(records.Count), .. DnsWire.Number16(authority.Length), 0, 0,
            .. query[DnsWire.HeaderLength..(end + 4)], .. records.SelectMany(DnsWire.Record), .. authority.SelectMany(DnsWire.Record),
        ];
    }

    private static DnsRecord Soa(uint ttl) => new(
        "example", DnsType.Soa, ttl, [.. DnsWire.Name("ns.example"), .. DnsWire.Name("root.example"), .. DnsWire.Numbers(1, 2, 3, 4, ttl)]);
}
