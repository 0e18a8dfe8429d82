using System.Globalization;
using System.Text;
using Smtpy.EndToEnd.Content;
using Smtpy.Tests.Support;
using Smtpy.Tests.Support.Dns;
using Smtpy.Tests.Support.Processes;
using Smtpy.Tests.Support.Smtp;
using Xunit;

namespace Smtpy.EndToEnd.Peers;

/// <summary>Delivery by MX: what DNS says decides where mail goes, and a real Postfix is there.</summary>
public sealed class DirectMxTests
{
    [Fact]
    public async Task Mail_goes_to_the_host_with_the_best_preference_that_answers()
    {
        await using var postfix = await PostfixPeer.StartAsync();
        await using var dns = new DnsTestServer()
            .Mx("peer.test", 20, "mx.peer.test").Mx("peer.test", 10, "dead.peer.test")
            .A("mx.peer.test", "127.0.0.1").A("dead.peer.test", "127.0.0.77");
        await using var smtpy = await StartAsync(postfix.Port, dns, Instance.Alias("shop", "inbox@peer.test"));
        var octets = Encoding.ASCII.GetBytes("From: sender@client.test\r\nMessage-ID: <by-mx@client.test>\r\n\r\nbody\r\n");

        await SendAsync(smtpy, "shop@alias.test", octets);

        Untouched.AssertInMaildir(octets, await postfix.WaitForAsync("<by-mx@client.test>"));
    }

    [Fact]
    public async Task A_domain_without_mx_gets_its_mail_at_its_own_address()
    {
        await using var postfix = await PostfixPeer.StartAsync();
        await using var dns = new DnsTestServer().A("peer.test", "127.0.0.1");
        await using var smtpy = await StartAsync(postfix.Port, dns, Instance.Alias("shop", "inbox@peer.test"));

        await SendAsync(smtpy, "shop@alias.test", Encoding.ASCII.GetBytes("Message-ID: <by-a@client.test>\r\n\r\nbody\r\n"));

        await postfix.WaitForAsync("<by-a@client.test>");
    }

    [Fact]
    public async Task A_null_mx_is_not_tried_and_does_not_hold_up_the_other_recipient()
    {
        await using var postfix = await PostfixPeer.StartAsync();
        await using var dns = new DnsTestServer()
            .Mx("nomail.test", 0, ".").A("nomail.test", "127.0.0.1")
            .Mx("peer.test", 10, "mx.peer.test").A("mx.peer.test", "127.0.0.1");
        await using var smtpy = await StartAsync(
            postfix.Port, dns, new Dictionary<string, string[]> { ["both@alias.test"] = ["x@nomail.test", "inbox@peer.test"] });

        await SendAsync(smtpy, "both@alias.test", Encoding.ASCII.GetBytes("Message-ID: <null-mx@client.test>\r\n\r\nbody\r\n"));

        await postfix.WaitForAsync("<null-mx@client.test>");
        Assert.DoesNotContain("nomail.test", postfix.MailLog, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_resolver_that_fails_defers_and_the_mail_goes_out_when_it_is_back()
    {
        await using var sink = new RecordingSink();
        await using var dns = new DnsTestServer().Broken("peer.test");
        await using var smtpy = await StartAsync(sink.Port, dns, Instance.Alias("shop", "inbox@peer.test"));

        await SendAsync(smtpy, "shop@alias.test", Encoding.ASCII.GetBytes("Message-ID: <servfail@client.test>\r\n\r\nbody\r\n"));
        Assert.Equal(1, await smtpy.QueueLengthAsync());

        // In this order: a question between the two would be told that there is no such domain, and be believed.
        dns.A("peer.test", "127.0.0.1").Repair("peer.test");

        await Until.TrueAsync("it was delivered", () => sink.Received == 1);
    }

    private static Task<SmtpyProcess> StartAsync(int mxPort, DnsTestServer dns, Dictionary<string, string[]> aliases) =>
        SmtpyProcess.StartAsync(
            new Dictionary<string, string?>
            {
                ["SMTP_DELIVERY"] = "mx",
                ["DNS_SERVER"] = dns.Address,
                ["SMTP_MX_PORT"] = mxPort.ToString(CultureInfo.InvariantCulture),
                ["SMTP_RETRY_SCHEDULE"] = "1s,1s,2s,2s,5s",
                [Instance.Transparent.Name] = Instance.Transparent.Value,
            },
            Instance.Domain, aliases);

    private static async Task SendAsync(SmtpyProcess smtpy, string to, byte[] octets)
    {
        using var conversation = await SmtpConversation.OpenAsync(smtpy.SmtpPort);
        Assert.StartsWith("250", await conversation.TransactAsync("sender@client.test", to, octets), StringComparison.Ordinal);
    }
}
