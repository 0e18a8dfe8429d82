using System.Text;
using Smtpy.Tests.Support;
using Smtpy.Tests.Support.Processes;
using Smtpy.Tests.Support.Smtp;
using Xunit;

namespace Smtpy.EndToEnd.Routing;

/// <summary>Mail that comes round again must end somewhere.</summary>
public sealed class LoopTests
{
    [Fact]
    public async Task An_alias_that_comes_back_to_us_through_another_server_ends_after_a_few_rounds()
    {
        await using var smtpy = new SmtpyProcess(new Dictionary<string, string?>());
        await using var postfix = await PostfixPeer.StartAsync(
            settings: new Dictionary<string, string>
            {
                // Whatever is forwarded to peer.test goes back to the alias.
                ["virtual_mailbox_domains"] = "",
                ["virtual_alias_domains"] = "peer.test",
                ["virtual_alias_maps"] = "static:loop@alias.test",
                ["relayhost"] = $"[127.0.0.1]:{smtpy.SmtpPort}",
                ["bounce_queue_lifetime"] = "0",
            });
        foreach (var (name, value) in Instance.RelayingTo(postfix.Port))
        {
            smtpy.Set(name, value);
        }

        await smtpy.AddDomainAsync(Instance.Domain);
        await smtpy.ImportAsync(Instance.Alias("loop", "inbox@peer.test"));
        await smtpy.StartAsync();

        using var conversation = await SmtpConversation.OpenAsync(smtpy.SmtpPort);
        var octets = Encoding.ASCII.GetBytes("Message-ID: <round@client.test>\r\n\r\nround and round\r\n");
        Assert.StartsWith(
            "250", await conversation.TransactAsync("sender@client.test", "loop@alias.test", octets), StringComparison.Ordinal);

        // It ends when we refuse what Postfix brings back, with "loop" as the reason.
        await Until.TrueAsync(
            "the loop was refused\n", () => postfix.MailLog.Contains("5.4.6", StringComparison.Ordinal));
        var rounds = postfix.MailLog.Split("message-id=<round@client.test>").Length - 1;
        Assert.InRange(rounds, 1, 30);
    }

    [Fact]
    public async Task A_message_with_a_hundred_received_fields_is_refused()
    {
        await using var sink = new RecordingSink();
        await using var smtpy = await SmtpyProcess.StartAsync(
            Instance.RelayingTo(sink.Port), Instance.Domain, Instance.Alias("shop", "me@mailbox.test"));
        using var conversation = await SmtpConversation.OpenAsync(smtpy.SmtpPort);
        var trace = string.Concat(Enumerable.Range(0, 101).Select(hop => $"Received: from h{hop}.test by h{hop + 1}.test; x\r\n"));

        var reply = await conversation.TransactAsync(
            "sender@client.test", "shop@alias.test", Encoding.ASCII.GetBytes(trace + "Message-ID: <hops@client.test>\r\n\r\nbody\r\n"));

        Assert.StartsWith("554 5.4.6", reply, StringComparison.Ordinal);
    }
}
