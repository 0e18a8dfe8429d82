using System.Diagnostics;
using System.Text;
using Smtpy.Tests.Support;
using Smtpy.Tests.Support.Processes;
using Smtpy.Tests.Support.Smtp;
using Xunit;

namespace Smtpy.EndToEnd.Peers;

/// <summary>The tests' own instruments, tried against each other without SMTPy: an instrument that is broken proves nothing.</summary>
public sealed class SupportTests
{
    [Fact]
    public async Task Every_sender_reaches_postfix()
    {
        await using var postfix = await PostfixPeer.StartAsync();
        using var folder = new TempFolder();
        var file = folder.Combine("message.eml");
        await File.WriteAllTextAsync(file, "From: <a@client.test>\r\nMessage-ID: <smtplib@client.test>\r\n\r\nHello\r\n");

        (await Swaks.SendAsync(postfix.Port, "a@client.test", "b@peer.test", "--header", "Message-Id: <swaks@client.test>")).MustSucceed();
        (await PythonSmtplib.SendAsync(postfix.Port, "a@client.test", "b@peer.test", file)).MustSucceed();
        (await SmtpSource.SendAsync(postfix.Port, "c@peer.test", messages: 3, sessions: 2)).MustSucceed();

        await postfix.WaitForAsync("<swaks@client.test>");
        await postfix.WaitForAsync("<smtplib@client.test>");
        await Until.TrueAsync("five messages lie in the Maildir", () => postfix.Delivered().Count == 5);
    }

    [Fact]
    public async Task The_recording_sink_takes_what_postfix_forwards()
    {
        await using var sink = new RecordingSink(SinkMemory.Content);
        await using var postfix = await PostfixPeer.StartAsync(
            settings: new Dictionary<string, string> { ["relayhost"] = $"[127.0.0.1]:{sink.Port}" });

        (await Swaks.SendAsync(postfix.Port, "a@client.test", "b@elsewhere.test", "--header", "Message-Id: <on@client.test>")).MustSucceed();

        var message = await sink.WaitForAsync(taken => taken.Fingerprint.MessageId == "<on@client.test>");
        Assert.Equal(["b@elsewhere.test"], message.Recipients);
        Assert.Equal("a@client.test", message.ReturnPath);
    }

    [Fact]
    public async Task The_recording_sink_sees_the_same_octets_that_the_conversation_sent()
    {
        await using var sink = new RecordingSink(SinkMemory.Content);
        using var conversation = await SmtpConversation.OpenAsync(sink.Port);
        var content = Encoding.ASCII.GetBytes("Message-ID: <dots@client.test>\r\n\r\n.\r\n..\r\n.x\r\nend\r\n");

        Assert.StartsWith("250", await conversation.TransactAsync("a@client.test", "b@sink.test", content), StringComparison.Ordinal);

        Assert.Equal(content, Assert.Single(sink.Messages).Content);
    }

    [Fact]
    public async Task The_source_and_the_sink_of_postfix_meet()
    {
        await using var sink = await SmtpSink.StartAsync();
        (await SmtpSource.SendAsync(sink.Port, "x@sink.test", messages: 50, sessions: 5, numbered: true)).MustSucceed();
    }

    [Fact]
    public async Task A_load_that_is_all_delivered_settles_without_loss()
    {
        await using var sink = new RecordingSink();
        var load = new AccountedLoad(sink.Port, ["a@sink.test", "b@sink.test"]);
        using var stop = new CancellationTokenSource();
        var sending = load.RunAsync(4, stop.Token);
        await Until.TrueAsync("a hundred were sent", () => load.Accepted.Count >= 100);
        await stop.CancelAsync();
        await sending;

        var account = DeliveryAccount.Settle(load.Accepted, sink.Entries);

        Assert.Empty(account.Lost);
        Assert.Empty(account.Altered);
        Assert.Equal(0, account.Duplicates);
        Assert.True(account.Accepted >= 100, account.ToString());
    }

    [Fact]
    public async Task A_killed_child_process_is_gone_when_the_call_returns()
    {
        await using var child = ChildProcess.Start(["sleep", "60"]);
        var process = Process.GetProcessById(child.Id);
        await child.KillAsync();
        Assert.True(process.HasExited);
    }
}
