using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Smtpy.Tests.Support.Dns;

/// <summary>
/// Behaves like a validating resolver on this machine (UDP): answers with the AD bit, also "there is no such thing", except
/// for names that are said to be insecure. A name without any record does not exist.
/// </summary>
public sealed class SignedDnsServer : IAsyncDisposable
{
    private const int A = 1;
    private const int CName = 5;
    private const int Mx = 15;
    private const int Txt = 16;
    private const int Tlsa = 52;

    private readonly UdpClient _socket = new(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly ConcurrentDictionary<string, List<(int Type, byte[] Data)>> _records = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, bool> _insecure = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, bool> _broken = new(StringComparer.OrdinalIgnoreCase);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;

    public SignedDnsServer()
    {
        EndPoint = (IPEndPoint)_socket.Client.LocalEndPoint!;
        _serving = ServeAsync();
    }

    public IPEndPoint EndPoint { get; }

    /// <summary>Names asked for, with the type's number: "name 52".</summary>
    public ConcurrentQueue<string> Questions { get; } = new();

    public SignedDnsServer Address(string name, string address = "127.0.0.1") => Add(name, A, IPAddress.Parse(address).GetAddressBytes());

    public SignedDnsServer Exchanger(string name, string host) => Add(name, Mx, [0, 10, .. Name(host)]);

    public SignedDnsServer Alias(string name, string target) => Add(name, CName, Name(target));

    public SignedDnsServer Text(string name, string text) => Add(name, Txt, [(byte)text.Length, .. Encoding.ASCII.GetBytes(text)]);

    /// <summary>Takes back all texts of the name and gives it this one.</summary>
    public SignedDnsServer NewText(string name, string text)
    {
        _records.TryRemove(name, out _);
        return Text(name, text);
    }

    public SignedDnsServer Association(string host, int port, int usage, int selector, int matching, byte[] data) =>
        Add($"_{port}._tcp.{host}", Tlsa, [(byte)usage, (byte)selector, (byte)matching, .. data]);

    /// <summary>Answers about the name, or from it on down where it is in an alias, come without the AD bit.</summary>
    public SignedDnsServer Insecure(string name)
    {
        _insecure[name] = true;
        return this;
    }

    /// <summary>Questions about the name are answered SERVFAIL, as a validating resolver does for a bogus answer.</summary>
    public SignedDnsServer Broken(string name, bool broken = true)
    {
        _broken[name] = broken;
        return this;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _serving;
        _socket.Dispose();
        _stop.Dispose();
    }

    private SignedDnsServer Add(string name, int type, byte[] data)
    {
        _records.GetOrAdd(name, _ => []).Add((type, data));
        return this;
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var query = await _socket.ReceiveAsync(_stop.Token);
                await _socket.SendAsync(Answer(query.Buffer), query.RemoteEndPoint, _stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
    }

    private byte[] Answer(byte[] query)
    {
        var (name, end) = ReadName(query);
        var type = BinaryPrimitives.ReadUInt16BigEndian(query.AsSpan(end));
        Questions.Enqueue($"{name} {type}");
        var secure = true;
        var found = new List<byte>();
        var count = 0;
        for (var at = name; ;)
        {
            secure &= !_insecure.ContainsKey(at);
            var records = _records.GetValueOrDefault(at) ?? [];
            foreach (var record in records.Where(record => record.Type == type || record.Type == CName))
            {
                found.AddRange([.. Name(at), 0, (byte)record.Type, 0, 1, 0, 0, 1, 0, (byte)(record.Data.Length >> 8), (byte)record.Data.Length, .. record.Data]);
                count++;
            }

            if (type == CName || records.FirstOrDefault(record => record.Type == CName).Data is not { } target)
            {
                break;
            }

            at = ReadName([.. new byte[12], .. target]).Name;
        }

        var code = _broken.GetValueOrDefault(name) ? 2 : _records.ContainsKey(name) ? 0 : 3;
        var flags = (byte)(0x80 | code | (secure && code != 2 ? 0x20 : 0));
        return code == 2
            ? [.. query[..2], 0x81, flags, 0, 1, 0, 0, 0, 0, 0, 0, .. query[12..(end + 4)]]
            : [.. query[..2], 0x81, flags, 0, 1, 0, (byte)count, 0, 0, 0, 0, .. query[12..(end + 4)], .. found];
    }

    private static (string Name, int End) ReadName(byte[] packet)
    {
        var at = 12;
        var labels = new List<string>();
        while (packet[at] != 0)
        {
            labels.Add(Encoding.ASCII.GetString(packet, at + 1, packet[at]));
            at += packet[at] + 1;
        }

        return (string.Join('.', labels).ToLowerInvariant(), at + 1);
    }

    private static byte[] Name(string name) =>
        [.. name.Split('.', StringSplitOptions.RemoveEmptyEntries).SelectMany(label => Encoding.ASCII.GetBytes(label).Prepend((byte)label.Length)), 0];
}
