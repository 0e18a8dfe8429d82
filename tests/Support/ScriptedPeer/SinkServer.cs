using System.Collections.Concurrent;
using System.Globalization;
using System.Net;

namespace Smtpy.Tests.Support.ScriptedPeer;

/// <summary>A mail server that takes everything and remembers it, unless told to answer otherwise.</summary>
public sealed class SinkServer : IAsyncDisposable
{
    private readonly ScriptedServer _server;
    private readonly SemaphoreSlim _arrived = new(0);
    private int _open;
    private int _mostOpen;

    public SinkServer()
        : this(IPAddress.Loopback)
    {
    }

    public SinkServer(IPAddress at) => _server = new ScriptedServer(new IPEndPoint(at, 0), ServeAsync);

    public IPEndPoint EndPoint => _server.EndPoint;

    public int Connections => _server.Connections;

    /// <summary>Most connections that were open at once; one that said QUIT is not, for its client may open the next on hearing the answer.</summary>
    public int MostOpen => Volatile.Read(ref _mostOpen);

    public ConcurrentQueue<ReceivedMail> Mail { get; } = new();

    /// <summary>A reply in place of the usual one, or null for that; "close" closes the connection. "." stands for the end of a message.</summary>
    public Func<string, string?> Reply { get; set; } = _ => null;

    /// <summary>Awaited before a message is answered.</summary>
    public Func<Task> BeforeEnd { get; set; } = () => Task.CompletedTask;

    public async Task WaitForMailAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            if (!await _arrived.WaitAsync(Until.Patience))
            {
                throw new TimeoutException(string.Create(CultureInfo.InvariantCulture, $"only {i} of {count} messages arrived"));
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _arrived.Dispose();
    }

    private async Task ServeAsync(PeerSession session)
    {
        var open = Interlocked.Increment(ref _open);
        InterlockedMax(ref _mostOpen, open);
        bool hasQuit;
        try
        {
            hasQuit = await ConverseAsync(session);
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }

        if (hasQuit)
        {
            await SayAsync(session, Reply("QUIT") ?? "221 bye");
        }
    }

    /// <returns>Whether the client said QUIT, which is not answered yet.</returns>
    private async Task<bool> ConverseAsync(PeerSession session)
    {
        var mail = new ReceivedMail("", [], "");
        if (!await SayAsync(session, Reply("connect") ?? "220 sink.example ESMTP"))
        {
            return false;
        }

        while (await session.ReadLineAsync() is { } line)
        {
            if (line == "QUIT")
            {
                return true;
            }

            var verb = line.Split([' ', ':'], 2)[0];
            switch (verb)
            {
                case "MAIL":
                    mail = new ReceivedMail(line, [], "");
                    break;
                case "RCPT":
                    mail.Recipients.Add(line);
                    break;
            }

            var usual = verb switch
            {
                "EHLO" => "250-sink.example\r\n250-PIPELINING\r\n250 8BITMIME",
                "DATA" => "354 go ahead",
                _ => "250 2.0.0 ok",
            };
            var reply = Reply(line) ?? usual;
            if (!await SayAsync(session, reply)
                || (reply.StartsWith("354", StringComparison.Ordinal) && !await TakeAsync(session, mail)))
            {
                return false;
            }
        }

        return false;
    }

    private async Task<bool> TakeAsync(PeerSession session, ReceivedMail mail)
    {
        var data = await session.ReadDataAsync();
        await BeforeEnd();
        var reply = Reply(".") ?? "250 2.0.0 queued";
        if (reply.StartsWith('2'))
        {
            Mail.Enqueue(mail with { Data = data });
            _arrived.Release();
        }

        return await SayAsync(session, reply);
    }

    private static async Task<bool> SayAsync(PeerSession session, string reply)
    {
        if (reply == "close")
        {
            return false;
        }

        await session.SayAsync(reply);
        return !reply.StartsWith("421", StringComparison.Ordinal);
    }

    private static void InterlockedMax(ref int target, int value)
    {
        int seen;
        while (value > (seen = Volatile.Read(ref target)) && Interlocked.CompareExchange(ref target, value, seen) != seen)
        {
            // Somebody else was faster: compare again.
        }
    }
}

/// <param name="Sender">The MAIL command.</param>
/// <param name="Recipients">The RCPT commands.</param>
/// <param name="Data">As on the wire, with the final dot.</param>
public sealed record ReceivedMail(string Sender, IList<string> Recipients, string Data);
