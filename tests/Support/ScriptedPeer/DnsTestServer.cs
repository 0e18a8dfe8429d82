using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Smtpy.Tests.Support.ScriptedPeer;

public enum DnsType : ushort
{
    A = 1,
    Soa = 6,
    Mx = 15,
    Aaaa = 28,
}

/// <summary>A DNS server on 127.0.0.1 (UDP) with the records it is given; a name without any does not exist.</summary>
public sealed class DnsTestServer : IAsyncDisposable
{
    private readonly UdpClient _socket = new(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly ConcurrentDictionary<string, List<(DnsType Type, uint Ttl, byte[] Data)>> _records = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, int> _codes = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, bool> _silent = new(StringComparer.OrdinalIgnoreCase);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;

    public DnsTestServer()
    {
        EndPoint = (IPEndPoint)_socket.Client.LocalEndPoint!;
        _serving = ServeAsync();
    }

    public IPEndPoint EndPoint { get; }

    /// <summary>Every question asked, as "name TYPE".</summary>
    public ConcurrentQueue<string> Questions { get; } = new();

    /// <summary>TTL and MINIMUM of the SOA that comes with "no such name" and "no such record"; null: no SOA.</summary>
    public uint? NegativeTtl { get; set; } = 60;

    /// <param name="host">"." for a null MX.</param>
    public DnsTestServer Mx(string name, ushort preference, string host, uint ttl = 300)
    {
        var data = new List<byte> { (byte)(preference >> 8), (byte)preference };
        data.AddRange(Name(host));
        return Add(name, DnsType.Mx, ttl, [.. data]);
    }

    public DnsTestServer Address(string name, string address, uint ttl = 300)
    {
        var parsed = IPAddress.Parse(address);
        var type = parsed.AddressFamily == AddressFamily.InterNetwork ? DnsType.A : DnsType.Aaaa;
        return Add(name, type, ttl, parsed.GetAddressBytes());
    }

    /// <summary>2: SERVFAIL, 3: NXDOMAIN, 5: REFUSED.</summary>
    public DnsTestServer Code(string name, int code)
    {
        _codes[name] = code;
        return this;
    }

    public DnsTestServer Silent(string name)
    {
        _silent[name] = true;
        return this;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _serving;
        _socket.Dispose();
        _stop.Dispose();
    }

    private DnsTestServer Add(string name, DnsType type, uint ttl, byte[] data)
    {
        _records.GetOrAdd(name, _ => []).Add((type, ttl, data));
        return this;
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var query = await _socket.ReceiveAsync(_stop.Token);
                if (Answer(query.Buffer) is { } answer)
                {
                    await _socket.SendAsync(answer, query.RemoteEndPoint, _stop.Token);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
    }

    private byte[]? Answer(byte[] query)
    {
        var end = 12;
        var labels = new List<string>();
        while (query[end] != 0)
        {
            labels.Add(Encoding.ASCII.GetString(query, end + 1, query[end]));
            end += query[end] + 1;
        }

        var name = string.Join('.', labels);
        var type = (DnsType)BinaryPrimitives.ReadUInt16BigEndian(query.AsSpan(end + 1));
        Questions.Enqueue($"{name} {type}");
        if (_silent.ContainsKey(name))
        {
            return null;
        }

        var exists = _records.TryGetValue(name, out var records);
        var found = exists ? records!.Where(record => record.Type == type).ToArray() : [];
        var code = _codes.TryGetValue(name, out var forced) ? forced : exists ? 0 : 3;
        var authority = found.Length == 0 && code is 0 or 3 && NegativeTtl is not null;
        var answer = new List<byte>(query[..2]) { 0x81, (byte)(0x80 | code), 0, 1, 0, (byte)found.Length, 0, (byte)(authority ? 1 : 0), 0, 0 };
        answer.AddRange(query[12..(end + 5)]);
        foreach (var (recordType, ttl, data) in found)
        {
            AddRecord(answer, recordType, ttl, data);
        }

        if (authority)
        {
            AddRecord(answer, DnsType.Soa, NegativeTtl!.Value, [.. Name("ns.example"), .. Name("root.example"), .. Numbers(1, 2, 3, 4, NegativeTtl.Value)]);
        }

        return [.. answer];
    }

    private static void AddRecord(List<byte> answer, DnsType type, uint ttl, byte[] data)
    {
        answer.AddRange([0xC0, 12, 0, (byte)type, 0, 1]);
        answer.AddRange(Numbers(ttl));
        answer.AddRange([(byte)(data.Length >> 8), (byte)data.Length]);
        answer.AddRange(data);
    }

    private static byte[] Numbers(params uint[] numbers)
    {
        var bytes = new byte[numbers.Length * 4];
        for (var i = 0; i < numbers.Length; i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(i * 4), numbers[i]);
        }

        return bytes;
    }

    private static List<byte> Name(string name)
    {
        var bytes = new List<byte>();
        foreach (var label in name.Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            bytes.Add((byte)label.Length);
            bytes.AddRange(Encoding.ASCII.GetBytes(label));
        }

        bytes.Add(0);
        return bytes;
    }
}
