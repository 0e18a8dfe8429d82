using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Smtpy.Tests.Support.Smtp;

namespace Smtpy.Benchmarks.Load;

/// <summary>
/// Sends at a fixed rate whatever the server does, every message on a connection of its own and to an alias of its own, and
/// counts time from the moment the message was due: a server that stalls is charged for everybody who had to wait.
/// </summary>
internal static class OpenLoop
{
    private const int Aliases = 10_000;

    private static readonly ConcurrentBag<double> Transactions = [];
    private static readonly ConcurrentBag<double> Acknowledgements = [];
    private static int _failed;

    /// <summary>Prints one JSON object: rate, n, failed, and p50 and p99 in milliseconds of acknowledgement and transaction.</summary>
    public static async Task<int> RunAsync(string portText, string rateText, string secondsText, string octetsText)
    {
        var port = int.Parse(portText, CultureInfo.InvariantCulture);
        var rate = double.Parse(rateText, CultureInfo.InvariantCulture);
        var seconds = double.Parse(secondsText, CultureInfo.InvariantCulture);
        var message = Compose(int.Parse(octetsText, CultureInfo.InvariantCulture));

        // This program's own start must not be charged to the server.
        await SendAsync(port, 1, message, Stopwatch.GetTimestamp());
        Transactions.Clear();
        Acknowledgements.Clear();

        var started = Stopwatch.GetTimestamp();
        var count = (int)(rate * seconds);
        var running = new Task[count];
        for (var index = 0; index < count; index++)
        {
            var due = started + (long)(index / rate * Stopwatch.Frequency);
            while (Stopwatch.GetTimestamp() < due)
            {
                await Task.Delay(1);
            }

            running[index] = SendAsync(port, (index % Aliases) + 1, message, due);
        }

        await Task.WhenAll(running);
        var elapsed = Stopwatch.GetElapsedTime(started).TotalSeconds;
        Console.WriteLine(JsonSerializer.Serialize(new Dictionary<string, double>
        {
            ["rate"] = count / elapsed,
            ["n"] = Transactions.Count,
            ["failed"] = _failed,
            ["ack_p50"] = Percentile(Acknowledgements, 0.50),
            ["ack_p99"] = Percentile(Acknowledgements, 0.99),
            ["txn_p50"] = Percentile(Transactions, 0.50),
            ["txn_p99"] = Percentile(Transactions, 0.99),
        }));
        return _failed == 0 ? 0 : 1;
    }

    private static async Task SendAsync(int port, int alias, byte[] message, long due)
    {
        try
        {
            using var conversation = await SmtpConversation.OpenAsync(port);
            await conversation.CommandAsync("MAIL FROM:<source@client.test>");
            await conversation.CommandAsync(string.Create(CultureInfo.InvariantCulture, $"RCPT TO:<{alias}alias@alias.test>"));
            await conversation.CommandAsync("DATA");
            await conversation.SendAsync(message);
            var dotted = Stopwatch.GetTimestamp();
            var reply = await conversation.CommandAsync(".");
            if (!reply.StartsWith("250", StringComparison.Ordinal))
            {
                Interlocked.Increment(ref _failed);
                return;
            }

            Acknowledgements.Add(Stopwatch.GetElapsedTime(dotted).TotalMilliseconds);
            Transactions.Add(Stopwatch.GetElapsedTime(due).TotalMilliseconds);
        }
        catch (SocketException)
        {
            Interlocked.Increment(ref _failed);
        }
    }

    private static byte[] Compose(int octets)
    {
        var head = "From: Source <source@client.test>\r\nTo: alias@alias.test\r\nMessage-ID: <open-loop@client.test>\r\nSubject: load\r\n\r\n";
        var line = new string('X', 78) + "\r\n";
        return Encoding.ASCII.GetBytes(head + string.Concat(Enumerable.Repeat(line, octets / line.Length)));
    }

    private static double Percentile(ConcurrentBag<double> values, double share)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0 ? double.NaN : Math.Round(sorted[(int)((sorted.Length - 1) * share)], 3);
    }
}
