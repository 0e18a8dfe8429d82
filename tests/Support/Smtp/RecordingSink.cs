using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Smtpy.Tests.Support.Smtp;

/// <summary>How much a <see cref="RecordingSink"/> remembers of a message.</summary>
public enum SinkMemory
{
    /// <summary>That there was one: for load.</summary>
    Count,

    /// <summary>Its Message-ID and the hash of its body.</summary>
    Fingerprint,

    /// <summary>Everything.</summary>
    Content,
}

/// <summary>A message as the sink took it.</summary>
public sealed record SinkMessage(
    string ReturnPath, IReadOnlyList<string> Recipients, MessageFingerprint Fingerprint, byte[] Content, string MailParameters);

/// <summary>How often, and with which body, a Message-ID arrived.</summary>
public sealed class SinkEntry(ulong bodyHash)
{
    private int _count;
    private int _altered;

    public int Count => _count;

    public bool Altered => _altered != 0;

    public void Add(ulong hash)
    {
        Interlocked.Increment(ref _count);
        if (hash != bodyHash)
        {
            Interlocked.Exchange(ref _altered, 1);
        }
    }

    public ulong BodyHash => bodyHash;
}

/// <summary>
/// A destination mail server that remembers what it answered 250 to. It records before it answers, so a message it does not
/// know was never acknowledged by it. Can be killed (every connection reset) and started again on the same port.
/// </summary>
public sealed class RecordingSink : IAsyncDisposable
{
    private readonly SinkMemory _memory;
    private readonly ConcurrentDictionary<Socket, byte> _connections = new();
    private Socket? _listener;
    private Task _accepting = Task.CompletedTask;
    private long _received;

    public RecordingSink(SinkMemory memory = SinkMemory.Fingerprint, int? port = null)
    {
        _memory = memory;
        Port = port ?? Loopback.FreePort();
        Start();
    }

    public int Port { get; }

    /// <summary>Messages taken, repeats included.</summary>
    public long Received => Interlocked.Read(ref _received);

    /// <summary>By Message-ID.</summary>
    public ConcurrentDictionary<string, SinkEntry> Entries { get; } = new();

    /// <summary>With <see cref="SinkMemory.Content"/>: all of them, in order of arrival.</summary>
    public ConcurrentQueue<SinkMessage> Messages { get; } = new();

    /// <summary>Answers RCPT: null takes the address, anything else is the whole reply line.</summary>
    public Func<string, string?> Recipient { get; set; } = _ => null;

    /// <summary>Whether CHUNKING is offered.</summary>
    public bool Chunking { get; init; }

    public void Start()
    {
        _listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, Port));
        _listener.Listen(1024);
        _accepting = AcceptAsync(_listener);
    }

    /// <summary>Goes away as a crashed host does: no QUIT, no reply, every connection reset.</summary>
    public async Task KillAsync()
    {
        _listener?.Dispose();
        await _accepting;
        foreach (var connection in _connections.Keys)
        {
            connection.Close(timeout: 0); // Abortive: the peer sees a reset.
        }
    }

    /// <summary>Waits for the first message that fits.</summary>
    public async Task<SinkMessage> WaitForAsync(Func<SinkMessage, bool> fits)
    {
        SinkMessage? found = null;
        await Until.TrueAsync("the message reached the sink", () => (found = Messages.FirstOrDefault(fits)) is not null);
        return found!;
    }

    public async ValueTask DisposeAsync() => await KillAsync();

    internal void Record(string returnPath, IReadOnlyList<string> recipients, string mailParameters, ReadOnlyMemory<byte> wire, bool stuffed)
    {
        if (_memory != SinkMemory.Count)
        {
            var content = stuffed ? DotStuffing.Unstuff(wire) : wire;
            var fingerprint = MessageFingerprint.Of(content.Span);
            Entries.GetOrAdd(fingerprint.MessageId, static (_, hash) => new SinkEntry(hash), fingerprint.BodyHash).Add(fingerprint.BodyHash);
            if (_memory == SinkMemory.Content)
            {
                Messages.Enqueue(new SinkMessage(returnPath, [.. recipients], fingerprint, content.ToArray(), mailParameters));
            }
        }

        Interlocked.Increment(ref _received);
    }

    private async Task AcceptAsync(Socket listener)
    {
        while (true)
        {
            Socket connection;
            try
            {
                connection = await listener.AcceptAsync();
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException)
            {
                return;
            }

            connection.NoDelay = true;
            _connections.TryAdd(connection, 0);
            _ = ServeAsync(connection);
        }
    }

    private async Task ServeAsync(Socket connection)
    {
        try
        {
            await new SinkSession(this, connection).RunAsync();
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The peer went away, or the sink was killed.
        }
        finally
        {
            _connections.TryRemove(connection, out _);
            connection.Dispose();
        }
    }
}
