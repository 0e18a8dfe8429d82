using Xunit;

namespace Smtpy.Deployment;

/// <summary>What goes wrong around the frontend must not cut it off. Late, because its log tells of it for a while.</summary>
[Stage(9)]
public sealed class FrontendFaultTests(Site site)
{
    [Fact]
    public async Task A_broken_certificate_changes_nothing_and_replicas_are_still_followed()
    {
        var before = await FrontendTests.CertificateAsync("443");
        const string folder = "$(docker volume inspect -f '{{.Mountpoint}}' smtpy_certificates)";
        await site.RunAsync($"cp -a {folder} kept && echo broken > {folder}/privkey.pem");
        try
        {
            await site.RunAsync("docker compose -f docker-compose.prod.yml up -d --wait --no-recreate --scale api=3");
            await Tests.Support.Until.TrueAsync(
                "the frontend uses the third replica",
                async () => (await site.ComposeAsync("exec -T frontend /usr/local/bin/frontend.sh replicas")).Split('\n').Length == 3, TimeSpan.FromSeconds(30));
            Assert.Equal(before, await FrontendTests.CertificateAsync("443"));
        }
        finally
        {
            await site.RunAsync($"cp -a kept/. {folder}/ && rm -r kept");
            await site.RunAsync("docker compose -f docker-compose.prod.yml up -d --wait --no-recreate --scale api=2");
        }
    }
}
