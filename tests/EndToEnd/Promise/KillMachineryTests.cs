using Smtpy.Tests.Support;
using Smtpy.Tests.Support.Processes;
using Smtpy.Tests.Support.Smtp;
using Xunit;

namespace Smtpy.EndToEnd.Promise;

/// <summary>The kill test's machinery against a server that breaks the promise: it must catch it.</summary>
public sealed class KillMachineryTests
{
    /// <summary>Says 250 and forwards every second message at once, and the others from memory after a minute: what a kill takes along is lost.</summary>
    private const string Forgetful =
        """
        import itertools, smtplib, socketserver, sys, threading, time
        port, sink, numbers = int(sys.argv[1]), int(sys.argv[2]), itertools.count()

        def forward(content, number):
            time.sleep(60 * (number % 2))
            with smtplib.SMTP("127.0.0.1", sink) as client:
                client.sendmail("a@b.test", ["c@d.test"], content)

        class Session(socketserver.StreamRequestHandler):
            def handle(self):
                self.wfile.write(b"220 forgetful\r\n")
                while line := self.rfile.readline():
                    verb = line[:4].upper()
                    if verb == b"DATA":
                        self.wfile.write(b"354 go on\r\n")
                        lines = []
                        while (line := self.rfile.readline()) != b".\r\n":
                            if not line:
                                return
                            lines.append(line[1:] if line.startswith(b".") else line)
                        threading.Thread(target=forward, args=(b"".join(lines), next(numbers)), daemon=True).start()
                    self.wfile.write(b"250 fine\r\n")

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True
        Server(("127.0.0.1", port), Session).serve_forever()
        """;

    [Fact]
    public async Task A_server_that_answers_250_before_it_stores_is_found_out()
    {
        RequiredPackages.Need("python3");
        var port = Loopback.FreePort();
        await using var sink = new RecordingSink();
        var load = new AccountedLoad(port, ["a@alias.test"]);
        using var stop = new CancellationTokenSource();
        await using (var server = ChildProcess.Start(["python3", "-c", Forgetful, $"{port}", $"{sink.Port}"]))
        {
            var sending = load.RunAsync(2, stop.Token);
            await Until.TrueAsync(
                "some were accepted and some arrived", () => sink.Received > 5 && load.Accepted.Count > 10);
            await server.KillAsync();
            await stop.CancelAsync();
            await sending;
        }

        var account = DeliveryAccount.Settle(load.Accepted, sink.Entries);
        Assert.NotEmpty(account.Lost);
        Assert.Empty(account.Altered);
    }
}
