using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Smtpy.Server.Commands;

/// <summary>
/// <c>smtpy health</c>: asks a running server how it is; made for container health checks, so it needs no other program and
/// answers within <see cref="Patience"/>.
/// </summary>
internal static class HealthCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static Command Create(Option<bool> json)
    {
        var url = new Option<string?>("--url") { Description = "health address of the api role; default: http://127.0.0.1:PORT/health/ready with the port of API_LISTEN" };
        var smtp = new Option<string?>("--smtp") { Description = "HOST:PORT of an SMTP listener that must greet with 220" };
        var command = new Command("health", "Ask a running server how it is; exit code 0 when it is well") { url, smtp };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var output = new Output(parsed.GetValue(json));
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(Patience);
            try
            {
                if (parsed.GetValue(smtp) is { } endPoint)
                {
                    return await AskSmtpAsync(endPoint, output, limit.Token);
                }

                var text = parsed.GetValue(url) ?? DefaultUrl();
                return Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
                    ? await AskHttpAsync(address, output, limit.Token)
                    : output.Fail($"--url \"{text}\" is not accepted: a URL such as http://127.0.0.1:8000/health/ready");
            }
            catch (Exception failure) when (failure is HttpRequestException or SocketException or IOException)
            {
                return output.Fail("not healthy: " + failure.Message);
            }
            catch (OperationCanceledException)
            {
                return output.Fail($"not healthy: no answer within {Patience.TotalSeconds} seconds");
            }
        });
        return command;
    }

    private static string DefaultUrl() =>
        $"http://127.0.0.1:{Configuration.Settings.Read(CommandEnvironment.Settings()).ApiListen.Port}/health/ready";

    private static async Task<int> AskHttpAsync(Uri url, Output output, CancellationToken cancellationToken)
    {
        using var client = new HttpClient();
        using var response = await client.GetAsync(url, cancellationToken);
        var body = await response.Content.ReadAsStringAsync(cancellationToken);
        return response.IsSuccessStatusCode
            ? output.Done(new { healthy = true, url, status = (int)response.StatusCode }, $"healthy: {url} answered {(int)response.StatusCode}")
            : output.Fail($"not healthy: {url} answered {(int)response.StatusCode} {body}");
    }

    private static async Task<int> AskSmtpAsync(string endPoint, Output output, CancellationToken cancellationToken)
    {
        var colon = endPoint.LastIndexOf(':');
        if (colon <= 0 || !int.TryParse(endPoint.AsSpan(colon + 1), out var port) || port is < 1 or > IPEndPoint.MaxPort)
        {
            return output.Fail($"--smtp \"{endPoint}\" is not accepted: HOST:PORT such as 127.0.0.1:1025");
        }

        using var client = new TcpClient();
        await client.ConnectAsync(endPoint[..colon].Trim('[', ']'), port, cancellationToken);
        await using var stream = client.GetStream();
        using var reader = new StreamReader(stream, Encoding.ASCII);
        var greeting = await reader.ReadLineAsync(cancellationToken) ?? "";
        await stream.WriteAsync("QUIT\r\n"u8.ToArray(), cancellationToken);
        return greeting.StartsWith("220", StringComparison.Ordinal)
            ? output.Done(new { healthy = true, smtp = endPoint, greeting }, $"healthy: {endPoint} greets with \"{greeting}\"")
            : output.Fail($"not healthy: {endPoint} greets with \"{greeting}\"");
    }
}
