using System.Text.Json;
using Smtpy.Tests.Support.Dns;
using Smtpy.Tests.Support.Processes;
using Xunit;

namespace Smtpy.EndToEnd.Operation;

/// <summary>What an operator does with a domain's DNS, on the command line beside a running server.</summary>
public sealed class DomainRecordTests
{
    private const string Host = "mx.host.test";

    [Fact]
    public async Task A_domain_is_ready_when_what_the_commands_print_is_published()
    {
        await using var dns = new DnsTestServer();
        dns.A(Host, "203.0.113.10");
        await using var smtpy = new SmtpyProcess(new Dictionary<string, string?> { ["DNS_SERVER"] = dns.Address, ["SMTP_HOSTNAME"] = Host });
        await smtpy.StartAsync();
        await smtpy.AddDomainAsync(Instance.Domain);
        var missing = await smtpy.RunAsync("domain", "check", Instance.Domain);
        Assert.Equal(1, missing.ExitCode);
        Assert.Contains("MISSING", missing.Output, StringComparison.Ordinal);

        await PublishAsync(smtpy, dns, Instance.Domain);
        dns.Mx(Instance.Domain, 10, Host);
        using (var ready = JsonDocument.Parse((await smtpy.RunAsync("domain", "check", Instance.Domain, "--json")).MustSucceed()))
        {
            Assert.True(ready.RootElement.GetProperty("ready").GetBoolean());
            Assert.Equal(
                ["exchanger ok", "key ok", "key ok", "sender missing", "policy missing"],
                ready.RootElement.GetProperty("records").EnumerateArray()
                    .Select(static r => $"{r.GetProperty("purpose").GetString()} {r.GetProperty("verdict").GetString()}"));
        }

        // The check has let the Ed25519 key begin to sign.
        Assert.DoesNotContain("as soon as", (await smtpy.RunAsync("domain", "keys", Instance.Domain)).MustSucceed(), StringComparison.Ordinal);
        Assert.Contains("records of alias.test", (await smtpy.RunAsync("doctor")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_resolver_that_is_silent_is_named_once_and_no_record_is_called_missing_for_it()
    {
        // Answers nothing, and refuses nothing either: the slowest of dead resolvers.
        using var silent = new System.Net.Sockets.UdpClient(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));
        await using var smtpy = new SmtpyProcess(new Dictionary<string, string?> { ["DNS_SERVER"] = $"127.0.0.1:{((System.Net.IPEndPoint)silent.Client.LocalEndPoint!).Port}" });
        await smtpy.AddDomainAsync(Instance.Domain);
        var (doctor, check) = (smtpy.RunAsync("doctor"), smtpy.RunAsync("domain", "check", Instance.Domain));
        Assert.Equal(1, (await doctor).ExitCode);
        Assert.Contains("see DNS_SERVER", (await doctor).Output, StringComparison.Ordinal);
        Assert.DoesNotContain("records of", (await doctor).Output, StringComparison.Ordinal);
        Assert.Equal(1, (await check).ExitCode);
        Assert.Contains("unknown", (await check).Output, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("missing", (await check).Output, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Keys_are_rotated_and_the_host_name_has_some_from_the_first_start()
    {
        await using var dns = new DnsTestServer();
        await using var smtpy = new SmtpyProcess(new Dictionary<string, string?> { ["DNS_SERVER"] = dns.Address, ["SMTP_HOSTNAME"] = Host });
        await smtpy.StartAsync();
        Assert.Contains($"s1r._domainkey.{Host}. TXT \"v=DKIM1; k=rsa; p=", (await smtpy.RunAsync("domain", "keys", Host)).MustSucceed(), StringComparison.Ordinal);
        Assert.Contains($"s2e._domainkey.{Host}. TXT", (await smtpy.RunAsync("domain", "rotate", Host)).MustSucceed(), StringComparison.Ordinal);
        Assert.Equal(1, (await smtpy.RunAsync("domain", "rotate", "unknown.test")).ExitCode);
    }

    [Fact]
    public async Task With_another_secret_mail_goes_on_and_readiness_says_what_is_wrong()
    {
        await using var dns = new DnsTestServer();
        var settings = new Dictionary<string, string?>
        {
            ["DNS_SERVER"] = dns.Address,
            ["SMTP_HOSTNAME"] = Host,
            ["SECRET_KEY"] = "the first secret of this instance",
        };
        await using var smtpy = new SmtpyProcess(settings);
        await smtpy.StartAsync();
        Assert.Contains("\"signing\":{\"status\":\"healthy\"", (await smtpy.GetAsync("/health/ready")).Text, StringComparison.Ordinal);
        await smtpy.StopAsync();
        smtpy.Set("SECRET_KEY", "another secret of this instance");
        await smtpy.StartAsync();
        var (status, text) = await smtpy.GetAsync("/health/ready");
        Assert.Equal(System.Net.HttpStatusCode.OK, status);
        Assert.Contains("\"signing\":{\"status\":\"degraded\"", text, StringComparison.Ordinal);
        Assert.Contains($"smtpy domain rotate {Host}", text, StringComparison.Ordinal);
    }

    private static async Task PublishAsync(SmtpyProcess smtpy, DnsTestServer dns, string name)
    {
        using var keys = JsonDocument.Parse((await smtpy.RunAsync("domain", "keys", name, "--json")).MustSucceed());
        foreach (var key in keys.RootElement.GetProperty("keys").EnumerateArray())
        {
            dns.Txt(key.GetProperty("record").GetString()!, key.GetProperty("value").GetString()!);
        }
    }
}
