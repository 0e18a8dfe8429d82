using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Smtpy.Tests.Support.Smtp;

/// <summary>
/// Senders that keep a list of exactly those messages whose final 250 they read. Every message has its own Message-ID and a
/// body of random length; a connection that breaks is opened again until the load is stopped.
/// </summary>
/// <param name="port">Port of the server under load.</param>
/// <param name="recipients">Envelope recipients, taken in turn.</param>
public sealed class AccountedLoad(int port, IReadOnlyList<string> recipients)
{
    private int _sequence;
    private int _refused;

    /// <summary>Message-ID to body hash of everything answered 250.</summary>
    public ConcurrentDictionary<string, ulong> Accepted { get; } = new();

    /// <summary>A sender rests so long after each message; not at all unless told to.</summary>
    public TimeSpan Pause { get; init; }

    /// <summary>Messages answered 4xx or 5xx.</summary>
    public int Refused => _refused;

    /// <summary>Reply lines of the refusals, by first line.</summary>
    public ConcurrentDictionary<string, int> Refusals { get; } = new();

    /// <summary>Sends on several connections at once until told to stop.</summary>
    public Task RunAsync(int senders, CancellationToken stop) =>
        Task.WhenAll(Enumerable.Range(0, senders).Select(number => Task.Run(() => SendUntilAsync(number, stop), CancellationToken.None)));

    private async Task SendUntilAsync(int number, CancellationToken stop)
    {
        var random = new Random(number);
        while (!stop.IsCancellationRequested)
        {
            try
            {
                using var conversation = await SmtpConversation.OpenAsync(port, stop);
                while (conversation.LastReply.StartsWith("250", StringComparison.Ordinal) && !stop.IsCancellationRequested)
                {
                    await SendOneAsync(conversation, random, stop);
                    await Task.Delay(Pause, CancellationToken.None);
                }
            }
            catch (SocketException)
            {
                // The server is down at the moment: look again shortly.
                await Task.Delay(20, CancellationToken.None);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task SendOneAsync(SmtpConversation conversation, Random random, CancellationToken stop)
    {
        var sequence = Interlocked.Increment(ref _sequence);
        var id = string.Create(CultureInfo.InvariantCulture, $"<{sequence}.{random.NextInt64():x}@load.test>");
        var (message, hash) = Compose(id, random);
        var to = recipients[sequence % recipients.Count];
        var reply = await conversation.TransactAsync("load@client.test", to, message, cancellationToken: stop);
        if (reply.StartsWith("250", StringComparison.Ordinal))
        {
            Accepted[id] = hash;
        }
        else if (reply.Length > 0)
        {
            Interlocked.Increment(ref _refused);
            Refusals.AddOrUpdate(reply.Split('\n')[0], 1, (_, count) => count + 1);
        }
    }

    private static (byte[] Message, ulong Hash) Compose(string id, Random random)
    {
        // Mostly small, one in twenty of 64 kB: both sides of every buffer size.
        var lines = random.Next(20) == 0 ? 900 : random.Next(1, 40);
        var body = new StringBuilder();
        for (var line = 0; line < lines; line++)
        {
            body.Append(random.Next(8) == 0 ? "." : "").Append("line ").Append(line).Append(' ').Append('x', random.Next(70)).Append("\r\n");
        }

        var head = $"From: Load <load@client.test>\r\nTo: alias@alias.test\r\nSubject: load\r\nMessage-ID: {id}\r\n\r\n";
        var octets = Encoding.ASCII.GetBytes(body.ToString());
        return ([.. Encoding.ASCII.GetBytes(head), .. octets], MessageFingerprint.Hash(octets));
    }
}
