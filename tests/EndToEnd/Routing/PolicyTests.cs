using System.Text.Json;
using Smtpy.Tests.Support.Processes;
using Smtpy.Tests.Support.Smtp;
using Xunit;

namespace Smtpy.EndToEnd.Routing;

/// <summary>Forged, listed and unknown senders at a running server; clients have addresses of their own by the PROXY protocol.</summary>
public sealed class PolicyTests(PolicyFixture fixture) : IClassFixture<PolicyFixture>
{
    [Fact]
    public async Task Forged_mail_is_held_with_the_reason_and_true_mail_goes_on()
    {
        Assert.StartsWith("250", await SendAsync("192.0.2.99", "forged"), StringComparison.Ordinal);
        Assert.StartsWith("250", await SendAsync("192.0.2.1", "true"), StringComparison.Ordinal);
        await fixture.Sink.WaitForAsync(static message => message.Fingerprint.MessageId == "<true@shop.example>");
        using var held = JsonDocument.Parse((await fixture.Smtpy.RunAsync("queue", "list", "--json", "--state", "held")).MustSucceed());
        var entry = Assert.Single(held.RootElement.EnumerateArray(), static entry => entry.GetProperty("sender").GetString() == "jane@shop.example");
        Assert.Equal("shop@alias.test", entry.GetProperty("alias_address").GetString());
        Assert.Contains("DMARC", entry.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain(fixture.Sink.Messages, static message => message.Fingerprint.MessageId == "<forged@shop.example>");
    }

    [Fact]
    public async Task A_listed_client_is_refused_at_RCPT_with_the_lists_text()
    {
        var reply = await SendAsync("192.0.2.66", "listed");
        Assert.Equal("554-5.7.1 192.0.2.66 is listed in bl.test:\n554 5.7.1 a bot", reply);
        Assert.StartsWith("250", await SendAsync("192.0.2.66", "to-postmaster", to: "postmaster@alias.test"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trouble_with_DNS_loses_nothing()
    {
        fixture.Smtpy.Dns.Broken("broken.example").Broken("_dmarc.broken.example");
        Assert.StartsWith("250", await SendAsync("192.0.2.1", "undecided", domain: "broken.example"), StringComparison.Ordinal);
    }

    /// <param name="id">Local part of the Message-ID: one for each message, as all tests share the sink.</param>
    private async Task<string> SendAsync(string client, string id, string domain = "shop.example", string to = "shop@alias.test")
    {
        using var conversation = await SmtpConversation.ConnectAsync(fixture.Smtpy.SmtpPort);
        await conversation.SendAsync($"PROXY TCP4 {client} 127.0.0.1 4711 25\r\n");
        await conversation.ReadReplyAsync();
        await conversation.CommandAsync("EHLO mx.shop.example");
        var message = $"From: <jane@{domain}>\r\nMessage-ID: <{id}@{domain}>\r\n\r\nbody\r\n";
        return await conversation.TransactAsync("jane@" + domain, to, System.Text.Encoding.ASCII.GetBytes(message));
    }
}

/// <summary>smtpy behind a balancer, with a block list and a zone of its senders.</summary>
public sealed class PolicyFixture : IAsyncLifetime
{
    public RecordingSink Sink { get; } = new(SinkMemory.Content);

    public SmtpyProcess Smtpy { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Smtpy = await SmtpyProcess.StartAsync(
            Instance.RelayingTo(Sink.Port, ("SMTP_PROXY_PROTOCOL", "127.0.0.0/8"), ("DNSBL", "bl.test")),
            Instance.Domain, Instance.Alias("shop", "me@mailbox.test"));
        Smtpy.Dns.Txt("shop.example", "v=spf1 ip4:192.0.2.1 -all").Txt("_dmarc.shop.example", "v=DMARC1; p=reject")
            .A("66.2.0.192.bl.test", "127.0.0.2").Txt("66.2.0.192.bl.test", "a bot");
    }

    public async ValueTask DisposeAsync()
    {
        await Smtpy.DisposeAsync();
        await Sink.DisposeAsync();
    }
}
