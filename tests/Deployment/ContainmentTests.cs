using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using Xunit;

namespace Smtpy.Deployment;

/// <summary>Limits, users, networks: as the engine has them, not as the file says.</summary>
[Stage(2)]
public sealed class ContainmentTests(Site site)
{
    private const long Gigabyte = 1L << 30;
    private const long Megabyte = 1L << 20;

    [Theory]
    [InlineData("db", "postgres:16-alpine", 2.0, 2 * Gigabyte, Gigabyte)]
    [InlineData("redis", "redis:7-alpine", 1.0, 512 * Megabyte, 256 * Megabyte)]
    [InlineData("smtp", "smtpy-smtp:latest", 1.0, Gigabyte, 512 * Megabyte)]
    [InlineData("api", "smtpy-api:latest", 2.0, 2 * Gigabyte, Gigabyte)]
    [InlineData("frontend", "smtpy-frontend:latest", 1.0, 512 * Megabyte, 128 * Megabyte)]
    public async Task Image_limits_restart_and_logging_are_the_ones_specified(string service, string image, double processors, long memory, long reserved)
    {
        foreach (var name in await site.ContainersAsync(service))
        {
            var container = await Docker.InspectAsync(name);
            var host = container.GetProperty("HostConfig");
            Assert.Equal(image, container.GetProperty("Config").GetProperty("Image").GetString());
            Assert.Equal((long)(processors * 1e9), host.GetProperty("NanoCpus").GetInt64());
            Assert.Equal(memory, host.GetProperty("Memory").GetInt64());
            Assert.Equal(reserved, host.GetProperty("MemoryReservation").GetInt64());
            Assert.Equal("unless-stopped", host.GetProperty("RestartPolicy").GetProperty("Name").GetString());
            var log = host.GetProperty("LogConfig");
            Assert.Equal("json-file", log.GetProperty("Type").GetString());
            Assert.Equal("10m", log.GetProperty("Config").GetProperty("max-size").GetString());
            Assert.Equal("3", log.GetProperty("Config").GetProperty("max-file").GetString());
            Assert.Equal(10_000_000_000, container.GetProperty("Config").GetProperty("Healthcheck").GetProperty("Interval").GetInt64());
        }
    }

    [Theory]
    [InlineData("smtp")]
    [InlineData("api")]
    [InlineData("frontend")]
    public async Task Our_own_containers_run_as_smtpy_without_capabilities_on_a_read_only_file_system(string service)
    {
        foreach (var name in await site.ContainersAsync(service))
        {
            var container = await Docker.InspectAsync(name);
            var host = container.GetProperty("HostConfig");
            Assert.Equal("smtpy", container.GetProperty("Config").GetProperty("User").GetString());
            Assert.True(host.GetProperty("ReadonlyRootfs").GetBoolean());
            Assert.Contains("ALL", Strings(host.GetProperty("CapDrop")));
            Assert.Empty(Strings(host.GetProperty("CapAdd")));
            Assert.Contains("no-new-privileges:true", Strings(host.GetProperty("SecurityOpt")));

            // What the kernel says of the process.
            var process = container.GetProperty("State").GetProperty("Pid").GetInt32().ToString(CultureInfo.InvariantCulture);
            var status = await File.ReadAllLinesAsync($"/proc/{process}/status", TestContext.Current.CancellationToken);
            Assert.Contains("Uid:\t10001\t10001\t10001\t10001", status);
            Assert.Contains("CapEff:\t0000000000000000", status);
            Assert.Contains("NoNewPrivs:\t1", status);
        }
    }

    [Fact]
    public async Task The_networks_are_the_specified_one_and_an_internal_one_for_the_data()
    {
        var network = await Docker.InspectAsync("smtpy_public");
        Assert.Equal("172.28.0.0/16", network.GetProperty("IPAM").GetProperty("Config")[0].GetProperty("Subnet").GetString());
        Assert.Equal("bridge", network.GetProperty("Driver").GetString());
        Assert.True((await Docker.InspectAsync("smtpy_data")).GetProperty("Internal").GetBoolean());
    }

    [Theory]
    [InlineData("db", 5432)]
    [InlineData("redis", 6379)]
    public async Task Database_and_redis_cannot_be_reached_from_outside(string service, int port)
    {
        var container = await Docker.InspectAsync(Assert.Single(await site.ContainersAsync(service)));
        var ports = container.GetProperty("NetworkSettings").GetProperty("Ports").EnumerateObject();
        Assert.DoesNotContain(ports, static published => published.Value.ValueKind == JsonValueKind.Array);
        using var machine = new TcpClient();
        await Assert.ThrowsAnyAsync<SocketException>(() => machine.ConnectAsync("127.0.0.1", port));

        // From a container on the public network, by the address on the other one.
        var address = container.GetProperty("NetworkSettings").GetProperty("Networks").GetProperty("smtpy_data").GetProperty("IPAddress").GetString();
        static Task<Smtpy.Tests.Support.Processes.ProgramResult> ReachAsync(string where) =>
            Docker.TryAsync("exec", "smtpy-world-dest", "timeout", "3", "bash", "-c", $"exec 3<>/dev/tcp/{where}");
        Assert.NotEqual(0, (await ReachAsync($"{address}/{port}")).ExitCode);
        Assert.Equal(0, (await ReachAsync("frontend/8080")).ExitCode);
    }

    [Fact]
    public async Task No_secret_stands_in_a_command_line_or_in_an_image()
    {
        var secrets = (await File.ReadAllLinesAsync(site.Secrets, TestContext.Current.CancellationToken))
            .Where(static line => line.StartsWith("POSTGRES_PASSWORD=", StringComparison.Ordinal) || line.StartsWith("REDIS_PASSWORD=", StringComparison.Ordinal)
                || line.StartsWith("SECRET_KEY=", StringComparison.Ordinal))
            .Select(static line => line[(line.IndexOf('=', StringComparison.Ordinal) + 1)..]).ToArray();
        Assert.Equal(3, secrets.Length);
        foreach (var service in new[] { "db", "redis", "smtp", "api", "frontend" })
        {
            foreach (var name in await site.ContainersAsync(service))
            {
                var processes = await Docker.RunAsync("top", name, "-eo", "pid,args");
                var image = await Docker.RunAsync("history", "--no-trunc", (await Docker.InspectAsync(name)).GetProperty("Config").GetProperty("Image").GetString()!);
                Assert.All(secrets, secret => Assert.DoesNotContain(secret, processes + image, StringComparison.Ordinal));
            }
        }
    }

    private static string[] Strings(JsonElement list) =>
        list.ValueKind == JsonValueKind.Array ? [.. list.EnumerateArray().Select(static item => item.GetString()!)] : [];
}
