using System.Text;
using Smtpy.Tests.Support;
using Smtpy.Tests.Support.Processes;
using Xunit;

namespace Smtpy.EndToEnd.Correspondence;

/// <summary>The hosts tried without SMTPy: a checker that passes everything, or nothing, would prove nothing.</summary>
public sealed class HostsTests
{
    [Fact]
    public async Task The_checker_passes_what_the_senders_host_signed_and_fails_a_forgery()
    {
        var port = Loopback.FreePort();
        await using var hosts = await Hosts.StartAsync(port);
        var forwarded = new Dictionary<string, string> { ["relayhost"] = $"[{Hosts.HomeAddress}]:{port}" };
        await using var relay = await PostfixPeer.StartAsync("relay.test", forwarded, new PostfixPlace("127.0.0.1", port));

        await Hosts.SendAsync(hosts.Sender, "jane@sender.test", "me@home.test", "From: Jane <jane@sender.test>\nMessage-ID: <sound@sender.test>");
        (await Swaks.SendAsync(
            relay.Port, "jane@sender.test", "me@home.test", "--header", "From: Jane <jane@sender.test>", "--header", "Message-Id: <forged@sender.test>")).MustSucceed();

        var sound = Encoding.UTF8.GetString(await hosts.Home.WaitForAsync("<sound@sender.test>"));
        var forged = Encoding.UTF8.GetString(await hosts.Home.WaitForAsync("<forged@sender.test>"));
        Assert.True(sound.Contains("dmarc=pass", StringComparison.Ordinal), sound + hosts.Checker.Log + hosts.Home.MailLog);
        Assert.Contains("dkim=pass", sound, StringComparison.Ordinal);
        Assert.Contains("dmarc=fail", forged, StringComparison.Ordinal);
    }
}
