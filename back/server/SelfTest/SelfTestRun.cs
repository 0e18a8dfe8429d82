using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Smtpy.Core.Messages;
using Smtpy.Server.Commands;
using Smtpy.Smtp.Route;

namespace Smtpy.Server.SelfTest;

/// <summary>What a self-test saw.</summary>
/// <param name="MessageId">The message's number in the store.</param>
/// <param name="Milliseconds">From the first octet of the dialog until the message was received at the far end.</param>
/// <param name="Removed">True where no trace of it is left.</param>
internal sealed record SelfTestResult(long MessageId, long Milliseconds, bool Removed);

/// <summary>One real message: in through the running server's SMTP port, stored, forwarded, and out by SMTP to ourselves.</summary>
internal sealed class SelfTestRun(IPEndPoint server, SelfTestAddresses addresses, ForgetMessage forget, TimeProvider time)
{
    /// <exception cref="IOException">The server refused it, or delivered something else; the message tells what.</exception>
    /// <exception cref="OperationCanceledException">It did not arrive in time.</exception>
    public async Task<SelfTestResult> RunAsync(CancellationToken cancellationToken)
    {
        using var mailbox = new SelfTestMailbox();
        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        var address = addresses.For(mailbox.Port);
        var began = time.GetTimestamp();
        var receiving = mailbox.ReceiveAsync(cancellationToken);

        // The null sender: whatever goes wrong, no bounce is made of it.
        var dialog = await DemoConversation.SendAsync(server, "", address, Message(address, token), cancellationToken);
        var received = await receiving;
        var taken = (long)time.GetElapsedTime(began).TotalMilliseconds;
        if (!received.Contains($"SMTPy self-test {token}", StringComparison.Ordinal))
        {
            throw new IOException("what came out is not the message that went in");
        }

        var id = MessageId(dialog);
        return new SelfTestResult(id, taken, await ForgetAsync(id, cancellationToken));
    }

    private static string Message(string address, string token) =>
        $"From: SMTPy self-test <postmaster@{SelfTestAddresses.Domain}>\r\nTo: <{address}>\r\nSubject: SMTPy self-test {token}\r\n" +
        $"Message-ID: <{token}@{SelfTestAddresses.Domain}>\r\nAuto-Submitted: auto-generated\r\n\r\nSMTPy self-test {token}\r\n";

    private static long MessageId(IReadOnlyList<string> dialog)
    {
        const string queued = "queued as ";
        var line = dialog.LastOrDefault(static line => line.Contains(queued, StringComparison.Ordinal))
            ?? throw new IOException("the server did not tell the message's number");
        return long.Parse(line.AsSpan(line.IndexOf(queued, StringComparison.Ordinal) + queued.Length), NumberStyles.None, CultureInfo.InvariantCulture);
    }

    /// <summary>The outcome is recorded some moments after the delivery; only then is the message nobody's work.</summary>
    private async Task<bool> ForgetAsync(long id, CancellationToken cancellationToken)
    {
        const int tries = 50;
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100), time);
        for (var i = 0; i < tries; i++)
        {
            if (await forget.RunAsync(id, SelfTestAddresses.Domain, cancellationToken))
            {
                return true;
            }

            await timer.WaitForNextTickAsync(cancellationToken);
        }

        return false;
    }
}
