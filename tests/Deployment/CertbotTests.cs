using System.Diagnostics;
using System.Globalization;
using Smtpy.Tests.Support;
using Smtpy.Tests.Support.Processes;
using Xunit;

namespace Smtpy.Deployment;

/// <summary>A certificate from an authority, by the profile "certbot" as the guide has it. The authority proves the name at the site's own port 80.</summary>
[Stage(4)]
public sealed class CertbotTests(Site site)
{
    private const string Up = "docker compose -f docker-compose.prod.yml up -d certbot";

    /// <summary>As openssl s_client wants them: web, mail, and both ports of submission.</summary>
    private static readonly string[] Ports = ["443", "25 -starttls smtp", "587 -starttls smtp", "465"];

    private Authority Authority => site.World.Authority;

    [Fact]
    public async Task A_name_that_does_not_lead_here_leaves_the_certificate_in_use()
    {
        await Authority.StartAsync();
        site.Set("CERTBOT_EMAIL", Site.Owner);
        site.Set("CERTBOT_DOMAINS", $"{Site.Host},elsewhere.{Site.AliasDomain}");
        site.Set("CERTBOT_CA", Authority.OwnCertificate);
        site.Set("CERTBOT_OPTIONS", "--server " + Authority.Directory);
        site.Set("COMPOSE_PROFILES", "certbot");
        var before = await FrontendTests.CertificateAsync("443");

        await site.RunAsync(Up);
        await UntilCertbotSaysAsync("no certificate this time, the one in use stays");

        Assert.Contains($"elsewhere.{Site.AliasDomain}", await LogAsync(), StringComparison.Ordinal);
        Assert.Equal(before, await FrontendTests.CertificateAsync("443"));
        Assert.Equal("", await SerialAsync("443"));
    }

    [Fact]
    public async Task The_authority_finds_the_proof_at_port_80_and_web_and_mail_show_its_certificate()
    {
        site.Set("CERTBOT_DOMAINS", Site.Host);
        var took = await UntilCertifiedAnewAsync(() => site.RunAsync(Up));

        Assert.Matches("\"path\":\"/.well-known/acme-challenge/[^\"]+\",\"status\":200,", await site.ComposeAsync("logs --no-log-prefix frontend"));
        Assert.Equal("644 10001\n600 10001", await site.RunAsync(
            "cd $(docker volume inspect -f '{{.Mountpoint}}' smtpy_certificates) && stat -c '%a %u' fullchain.pem privkey.pem"));
        site.Measured.Add(GuideRow.Authority, $"on ports 443, 25, 587 and 465, verified from the authority's root, {took} after the service was started");
    }

    [Fact]
    public async Task A_certificate_that_is_not_due_stays()
    {
        var before = await SerialAsync("443");
        await site.ComposeAsync("restart certbot");
        await UntilCertbotSaysAsync("not yet due for renewal");
        Assert.Equal(before, await SerialAsync("443"));
    }

    [Fact]
    public async Task A_renewal_brings_a_new_serial_number_without_a_restart_or_a_failed_request()
    {
        using var stop = new CancellationTokenSource();
        var mail = site.SteadyMail();
        var requests = new RequestLoad(site.ApiKey);
        var sending = Task.WhenAll(mail.RunAsync(2, stop.Token), requests.RunAsync(stop.Token));
        var started = await StartTimesAsync();

        var took = await UntilCertifiedAnewAsync(() => site.RunAsync("docker compose -f docker-compose.prod.yml exec -T certbot sh /certbot.sh renew"));
        var (accepted, answered) = (mail.Accepted.Count, requests.Reads);
        await Until.TrueAsync("load goes on", () => mail.Accepted.Count > accepted + 10 && requests.Reads > answered + 2);
        await stop.CancelAsync();
        await sending;

        site.Measured.Add(GuideRow.Authority, string.Create(
            CultureInfo.InvariantCulture, $"a forced renewal: the new one on all four after {took}; requests: {requests}; {mail.Accepted.Count} messages accepted, {mail.Refused} refused"));
        Assert.Equal(started, await StartTimesAsync());
        Assert.True(requests.Failed == 0 && requests.FailedWrites == 0, requests.ToString());
        Assert.True(mail.Refused == 0, string.Join("; ", mail.Refusals.Keys));
    }

    /// <summary>As with --staging, which is taken away when all is well.</summary>
    [Fact]
    public async Task Options_that_changed_bring_a_new_certificate_though_the_old_one_is_not_due()
    {
        site.Set("CERTBOT_OPTIONS", $"--server {Authority.Directory} --preferred-challenges http");

        // That mail takes what is there was seen twice; it looks every half minute, the web each second.
        await UntilCertifiedAnewAsync(() => site.RunAsync(Up), "443");
    }

    /// <summary>Until all ports show the same certificate, which none showed before.</summary>
    private async Task<string> UntilCertifiedAnewAsync(Func<Task> ask, params string[] ports)
    {
        ports = ports is [] ? Ports : ports;
        var before = await SerialAsync("443");
        var begin = Stopwatch.GetTimestamp();
        await ask();
        var now = new string[ports.Length];
        try
        {
            await Until.TrueAsync(
                "all ports show the new certificate",
                async () =>
                {
                    now = await Task.WhenAll(ports.Select(SerialAsync));
                    return now.Distinct().Count() == 1 && now[0].Length > 0 && now[0] != before;
                });
        }
        catch (TimeoutException late)
        {
            throw new TimeoutException($"{late.Message}: before {before}, now {string.Join(", ", now)}\n{await LogAsync()}", late);
        }

        return StartTests.Seconds(begin);
    }

    /// <summary>What a client sees that trusts this authority alone and insists on the name; nothing where it would not go on.</summary>
    private async Task<string> SerialAsync(string port) => (await ChildProcess.RunAsync([
        "bash", "-c",
        $"shown=$(openssl s_client -connect 127.0.0.1:{port} -CAfile {Authority.Root} -verify_return_error -verify_hostname {Site.Host} </dev/null 2>/dev/null) && openssl x509 -noout -serial <<<\"$shown\""]))
        .Output.Trim();

    private async Task<string[]> StartTimesAsync()
    {
        var times = new List<string>();
        foreach (var service in new[] { "frontend", "smtp", "api" })
        {
            foreach (var container in await site.ContainersAsync(service))
            {
                times.Add($"{container} {(await Docker.InspectAsync(container)).GetProperty("State").GetProperty("StartedAt").GetString()}");
            }
        }

        return [.. times];
    }

    private async Task<string> LogAsync()
    {
        var log = await site.TryAsync("docker compose -f docker-compose.prod.yml logs --no-log-prefix certbot");
        return log.Output + log.Error;
    }

    private Task UntilCertbotSaysAsync(string text) => Until.TrueAsync(
        "certbot says: " + text, async () => (await LogAsync()).Contains(text, StringComparison.Ordinal));
}
