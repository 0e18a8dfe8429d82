using System.Net;
using System.Net.Sockets;
using System.Text;
using Smtpy.Server.Commands;
using Smtpy.Tests.Support;
using Xunit;

namespace Smtpy.Server.Tests.Commands;

/// <summary>What a container's health check calls, against servers that answer as told.</summary>
public sealed class HealthProbeTests
{
    [Theory]
    [InlineData("--smtp", "220 mx.test ESMTP\r\n", 0)]
    [InlineData("--smtp", "220-mx.test says\r\n220 hello\r\n", 0)]
    [InlineData("--smtp", "421 4.3.2 closing\r\n", 1)]
    [InlineData("--smtp", "554 no\r\n", 1)]
    [InlineData("--smtp", "22", 1)]
    [InlineData("--smtp", "", 1)]
    [InlineData("--url", "HTTP/1.1 200 OK\r\n\r\n", 0)]
    [InlineData("--url", "HTTP/1.1 503 Service Unavailable\r\n\r\n{}", 1)]
    [InlineData("--url", "HTTP/1.1 302 Found\r\n\r\n", 1)]
    [InlineData("--url", "220 mx.test ESMTP\r\n", 1)]
    [InlineData("--url", "", 1)]
    public async Task The_first_line_decides(string how, string answer, int expected)
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var port = ((IPEndPoint)server.LocalEndpoint).Port;
        var probing = Task.Run(() => HealthProbe.TryRun(["health", how, how == "--smtp" ? $"127.0.0.1:{port}" : $"http://127.0.0.1:{port}/health/ready"]));
        using (var client = await server.AcceptTcpClientAsync(TestContext.Current.CancellationToken))
        {
            // An octet at a time: an answer may come in pieces.
            client.NoDelay = true;
            try
            {
                foreach (var octet in Encoding.ASCII.GetBytes(answer))
                {
                    await client.GetStream().WriteAsync(new[] { octet }, TestContext.Current.CancellationToken);
                }
            }
            catch (IOException)
            {
                // It has read enough and hung up.
            }
        }

        Assert.Equal(expected, await probing);
    }

    [Fact]
    public void Where_nobody_listens_it_is_not_healthy() =>
        Assert.Equal(1, HealthProbe.TryRun(["health", "--smtp", $"127.0.0.1:{Loopback.FreePort()}"]));

    [Fact]
    public async Task Who_says_nothing_is_not_waited_for_without_end()
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var address = server.LocalEndpoint.ToString()!;
        Assert.Equal(1, await Task.Run(() => HealthProbe.TryRun(["health", "--smtp", address])).WaitAsync(Until.Patience, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("health")]
    [InlineData("health", "--smtp", "localhost:1025")]
    [InlineData("health", "--smtp", "127.0.0.1")]
    [InlineData("health", "--url", "https://127.0.0.1:8000/health")]
    [InlineData("health", "--url", "http://api:8000/health")]
    [InlineData("health", "--url", "http://127.0.0.1:8000")]
    [InlineData("health", "--url", "http://127.0.0.1/health")]
    [InlineData("health", "--json", "--smtp", "127.0.0.1:1025")]
    [InlineData("serve")]
    public void Everything_else_is_left_to_the_command_line(params string[] args) => Assert.Null(HealthProbe.TryRun(args));
}
