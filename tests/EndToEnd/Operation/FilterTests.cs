using System.Text;
using Smtpy.Tests.Support;
using Smtpy.Tests.Support.Dns;
using Smtpy.Tests.Support.Processes;
using Smtpy.Tests.Support.Smtp;
using Xunit;

namespace Smtpy.EndToEnd.Operation;

/// <summary>Filters as an operator switches them on: from the setting to the answer that a client gets, and what the owner sees of it.</summary>
public sealed class FilterTests
{
    private const string Proxy = "127.0.0.9";
    private const string Client = "192.0.2.7";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_new_sender_is_told_to_come_again_and_then_let_in_and_a_contact_whose_SPF_passes_need_not_wait()
    {
        await using var smtpy = await StartAsync(("GREYLIST", "on"), ("GREYLIST_DELAY", "2"));
        smtpy.Dns.Txt("known.test", $"v=spf1 ip4:{Client} -all");
        (await smtpy.RunAsync("contact", "add", "shop@alias.test", "jane@known.test")).MustSucceed();
        using var conversation = await SmtpConversation.OpenBehindProxyAsync(Proxy, Client, smtpy.SmtpPort, Cancellation);

        Assert.StartsWith("451 4.7.1", await RecipientAsync(conversation, "a@stranger.test", "shop@alias.test"), StringComparison.Ordinal);
        Assert.StartsWith("250", await RecipientAsync(conversation, "a@stranger.test", "postmaster@alias.test"), StringComparison.Ordinal);
        Assert.StartsWith("250", await RecipientAsync(conversation, "jane@known.test", "shop@alias.test"), StringComparison.Ordinal);
        Assert.StartsWith("451 4.7.1", await RecipientAsync(conversation, "bob@known.test", "shop@alias.test"), StringComparison.Ordinal);
        await Until.TrueAsync(
            "the stranger is let in",
            async () => (await RecipientAsync(conversation, "a@stranger.test", "shop@alias.test")).StartsWith("250", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_Rspamd_calls_spam_is_refused_and_shown_to_its_owner_and_mail_goes_on_when_Rspamd_is_gone()
    {
        // In two pieces, so that no filter takes this file for spam.
        const string pattern = "XJS*C4JDBQADN1.NSBN3*2IDNEN*" + "GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X";
        await using var dns = new DnsTestServer();
        await using var rspamd = await RspamdPeer.StartAsync(dns.EndPoint.Port, Cancellation);
        await using var smtpy = await StartAsync(("RSPAMD_URL", FormattableString.Invariant($"http://127.0.0.1:{rspamd.HttpPort}")));

        Assert.StartsWith("550 5.7.1", await SendAsync(smtpy, pattern), StringComparison.Ordinal);
        Assert.StartsWith("250", await SendAsync(smtpy, "Hello, how are you?"), StringComparison.Ordinal);
        await Until.TrueAsync(
            "the refusal is listed",
            async () => (await smtpy.RunAsync("refusals", "list", "--json")).MustSucceed().Contains("550 5.7.1", StringComparison.Ordinal));
        await rspamd.StopAsync();
        Assert.StartsWith("250", await SendAsync(smtpy, pattern), StringComparison.Ordinal);
    }

    private static Task<SmtpyProcess> StartAsync(params (string Name, string Value)[] settings)
    {
        var environment = new Dictionary<string, string?> { ["SMTP_PROXY_PROTOCOL"] = Proxy + "/32" };
        foreach (var (name, value) in settings)
        {
            environment[name] = value;
        }

        return SmtpyProcess.StartAsync(environment, Instance.Domain, Instance.Alias("shop", "inbox@example.net"));
    }

    private static async Task<string> RecipientAsync(SmtpConversation conversation, string sender, string recipient)
    {
        await conversation.CommandAsync("RSET", Cancellation);
        await conversation.CommandAsync($"MAIL FROM:<{sender}>", Cancellation);
        return await conversation.CommandAsync($"RCPT TO:<{recipient}>", Cancellation);
    }

    private static async Task<string> SendAsync(SmtpyProcess smtpy, string text)
    {
        using var conversation = await SmtpConversation.OpenBehindProxyAsync(Proxy, Client, smtpy.SmtpPort, Cancellation);
        return await conversation.TransactAsync(
            "jane@sender.test", "shop@alias.test",
            Encoding.ASCII.GetBytes($"From: <jane@sender.test>\r\nTo: <shop@alias.test>\r\nSubject: s\r\nDate: Mon, 5 Jan 2026 10:00:00 +0000\r\nMessage-ID: <1@sender.test>\r\n\r\n{text}\r\n"),
            cancellationToken: Cancellation);
    }
}
