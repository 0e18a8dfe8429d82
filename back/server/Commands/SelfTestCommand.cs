using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using Smtpy.Core.Messages;
using Smtpy.Server.Configuration;
using Smtpy.Server.Hosting;
using Smtpy.Server.SelfTest;
using Smtpy.Smtp.Route;

namespace Smtpy.Server.Commands;

internal static class SelfTestCommand
{
    private const int DefaultPatience = 20;

    public static Command Create(Option<bool> json)
    {
        var timeout = new Option<int>("--timeout") { Description = "seconds until it is given up", DefaultValueFactory = _ => DefaultPatience };
        var command = new Command(
            "selftest", "Send a real message through the smtp server on this machine and receive what it forwards; nothing of it stays") { timeout };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var output = new Output(parsed.GetValue(json));
            var seconds = Math.Clamp(parsed.GetValue(timeout), 1, 3600);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(TimeSpan.FromSeconds(seconds));
            try
            {
                return Show(output, await RunAsync(limit.Token));
            }
            catch (Exception failure) when (failure is IOException or SocketException)
            {
                return output.Fail("self-test failed: " + failure.Message);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return output.Fail($"self-test failed: the message did not come out within {seconds} seconds");
            }
        });
        return command;
    }

    private static async Task<SelfTestResult> RunAsync(CancellationToken cancellationToken)
    {
        var settings = Settings.Read(CommandEnvironment.Settings());
        await using var admin = await AdminScope.OpenAsync(cancellationToken);
        var addresses = new SelfTestAddresses(settings.Hostname, new DataFolder(settings).Secret(), TimeProvider.System);
        return await new SelfTestRun(MailListeners.OnThisMachine(settings.SmtpListen), addresses, admin.Get<ForgetMessage>(), TimeProvider.System).RunAsync(cancellationToken);
    }

    private static int Show(Output output, SelfTestResult result) => output.Done(
        new { ok = true, result.MessageId, result.Milliseconds, result.Removed },
        $"a message went in, was stored as {result.MessageId}, forwarded and received after {result.Milliseconds} ms"
            + (result.Removed ? "; nothing of it is left" : "; what is left of it goes with retention"));
}
