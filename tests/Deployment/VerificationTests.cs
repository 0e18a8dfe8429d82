using System.Globalization;
using System.Text.Json;
using Smtpy.Tests.Support;
using Xunit;

namespace Smtpy.Deployment;

/// <summary>The verification script is worth what it finds: one thing is broken for each of its steps, and it has to name all nine.</summary>
[Stage(8)]
public sealed class VerificationTests(Site site)
{
    /// <summary>Step by step: how it is broken, how it is mended, and how the script calls it.</summary>
    private static readonly Fault[] Faults =
    [
        new(1, "curl is installed",
            "mkdir tools && IFS=: && for folder in $PATH; do ln -s \"$folder\"/* tools/ 2>/dev/null || :; done; rm tools/curl", "rm -r tools"),
        new(2, ".env.production is readable for its owner only", "chmod 644 .env.production", "chmod 600 .env.production"),
        new(3, "the network is 172.28.0.0/16",
            "sed -i.kept 's|172.28.0.0/16$|172.27.0.0/16|' docker-compose.prod.yml", "mv docker-compose.prod.yml.kept docker-compose.prod.yml"),
        new(4, "redis runs", "docker stop smtpy-redis-1", "docker start smtpy-redis-1"),
        new(5, "the certificate is valid for two weeks or more", Certificate(1), Certificate(90)),
        new(6, "uses less than 90 % of its memory",
            // Files in memory count.
            "docker exec smtpy-frontend-1 dd if=/dev/zero of=/tmp/fill bs=1M count=470 2>/dev/null", "docker exec smtpy-frontend-1 rm /tmp/fill"),
        new(7, "logged no errors", "docker exec smtpy-db-1 psql -U smtpy -d smtpy -c 'select 1/0' || :", ":"),
        new(8, "a write is taken (and rolled back)",
            "docker exec smtpy-db-1 psql -U smtpy -d smtpy -c 'ALTER DATABASE smtpy SET default_transaction_read_only = on'",
            "docker exec -e PGOPTIONS='-c default_transaction_read_only=off' smtpy-db-1 psql -U smtpy -d smtpy -c 'ALTER DATABASE smtpy RESET default_transaction_read_only'"),
        new(9, "db is in the inner network only",
            "docker network connect smtpy_public smtpy-db-1", "docker network disconnect smtpy_public smtpy-db-1"),
    ];

    [Fact]
    public async Task One_fault_for_each_step_is_named_in_one_run_that_goes_on_to_its_end()
    {
        foreach (var fault in Faults)
        {
            await site.RunAsync(fault.Break);
        }

        await CertificateIsServedAsync(days: 1);
        var result = await site.TryAsync("PATH=$PWD/tools ./scripts/verify-deployment.sh");
        foreach (var fault in Faults)
        {
            await site.RunAsync(fault.Mend);
        }

        Assert.NotEqual(0, result.ExitCode);
        var ending = result.Output[result.Output.LastIndexOf(" failed\n", StringComparison.Ordinal)..];
        Assert.All(Faults, fault => Assert.Matches($"step {fault.Step}: .*{System.Text.RegularExpressions.Regex.Escape(fault.Check)}", ending));
        site.Measured.Add(GuideRow.Verification, "all nine named, exit code not 0");
    }

    [Fact]
    public async Task Once_they_are_mended_all_is_well_again_also_as_JSON()
    {
        await site.UntilHealthyAsync("smtpy-redis-1");
        await CertificateIsServedAsync(days: 90);

        // What has just been mended may be found out a moment later, by the next look.
        await Until.TrueAsync(
            "the mail service is ready again",
            async () => (await site.TryAsync("docker compose -f docker-compose.prod.yml exec -T smtp smtpy selftest")).ExitCode == 0);
        await Task.Delay(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
        var since = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        var result = await site.TryAsync($"./scripts/verify-deployment.sh --json --since {since}");
        using var report = JsonDocument.Parse(result.Output);
        var failed = report.RootElement.GetProperty("checks").EnumerateArray()
            .Where(static check => check.GetProperty("result").GetString() == "fail").Select(static check => check.ToString()).ToArray();
        Assert.True(failed.Length == 0, string.Join('\n', failed));
        Assert.Equal(0, result.ExitCode);
        Assert.True(report.RootElement.GetProperty("ok").GetBoolean());
        foreach (var port in new[] { "587 (SUBMISSION_PORT=587)", "465 (SUBMISSIONS_PORT=465)" })
        {
            Assert.Contains(report.RootElement.GetProperty("checks").EnumerateArray(), check => check.GetProperty("check").GetString()!.Contains(port, StringComparison.Ordinal));
        }

        Assert.DoesNotContain('\u001b', result.Output);
    }

    private static string Certificate(int days) =>
        $$"""
        set -e
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days {{days}} -subj /CN=mx.alias.test -addext subjectAltName=DNS:mx.alias.test \
            -keyout new-privkey.pem -out new-fullchain.pem 2>/dev/null
        folder=$(docker volume inspect -f '{{"{{"}}.Mountpoint{{"}}"}}' smtpy_certificates)
        for file in privkey.pem fullchain.pem; do
            install -o 10001 -g 10001 -m 600 new-$file "$folder/.new" && mv "$folder/.new" "$folder/$file"
        done
        rm new-privkey.pem new-fullchain.pem
        """;

    private async Task CertificateIsServedAsync(int days) => await Until.TrueAsync(
        $"a certificate for {days} days is served",
        async () => (await site.TryAsync(
            $"echo | openssl s_client -connect 127.0.0.1:443 2>/dev/null | openssl x509 -noout -checkend $((3600 * 24 * 14)); [ $? = {(days < 14 ? 1 : 0)} ]")).ExitCode == 0);

    private sealed record Fault(int Step, string Check, string Break, string Mend);
}
