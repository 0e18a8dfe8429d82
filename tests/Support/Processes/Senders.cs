using System.Globalization;

namespace Smtpy.Tests.Support.Processes;

/// <summary>swaks (Perl) as a sender: an SMTP client nobody here wrote.</summary>
public static class Swaks
{
    public static Task<ProgramResult> SendAsync(int port, string from, string to, params IReadOnlyList<string> more)
    {
        RequiredPackages.Need("swaks");
        return ChildProcess.RunAsync(
            ["swaks", "--server", "127.0.0.1", "--port", Text(port), "--helo", "client.test", "--from", from, "--to", to, .. more]);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Python's smtplib as a sender.</summary>
public static class PythonSmtplib
{
    private const string Script =
        """
        import smtplib, sys
        port, sender, recipient, path = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4]
        with smtplib.SMTP("127.0.0.1", port, local_hostname="client.test") as client:
            client.ehlo()
            options = ["SMTPUTF8"] if not (sender + recipient).isascii() else []
            if client.has_extn("8bitmime"):
                options.append("BODY=8BITMIME")
            client.sendmail(sender, [recipient], open(path, "rb").read(), mail_options=options)
        """;

    private const string Demand =
        """
        import smtplib, sys
        port, address, sender, recipient, path = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4], sys.argv[5]
        with smtplib.SMTP("127.0.0.1", port, local_hostname="client.test", source_address=(address, 0)) as client:
            client.starttls()
            client.ehlo()
            if not client.has_extn("requiretls"):
                sys.exit("REQUIRETLS is not offered")
            for code, text in (client.mail(sender, ["REQUIRETLS"]), client.rcpt(recipient)):
                if code >= 400:
                    break
            else:
                code, text = client.data(open(path, "rb").read())
            print(code, text.decode())
        """;

    /// <summary>Over TLS, with the demand that it be kept (RFC 8689).</summary>
    /// <param name="address">The loopback address to come from.</param>
    /// <returns>The reply that decided.</returns>
    public static async Task<string> DemandTlsAsync(int port, string address, string from, string to, string path)
    {
        RequiredPackages.Need("python3");
        return (await ChildProcess.RunAsync(
            ["python3", "-c", Demand, port.ToString(CultureInfo.InvariantCulture), address, from, to, path])).MustSucceed();
    }

    /// <param name="path">A file with the message's octets, CRLF line ends.</param>
    public static Task<ProgramResult> SendAsync(int port, string from, string to, string path)
    {
        RequiredPackages.Need("python3");
        return ChildProcess.RunAsync(["python3", "-c", Script, port.ToString(CultureInfo.InvariantCulture), from, to, path]);
    }
}

/// <summary>Postfix's load generator; every message on a connection of its own.</summary>
public static class SmtpSource
{
    /// <param name="to">With <paramref name="numbered"/>, a running number is put before it: 1alias@…, 2alias@…</param>
    public static Task<ProgramResult> SendAsync(
        int port, string to, int messages, int sessions, int octets = 1024, bool numbered = false, TimeSpan? limit = null)
    {
        RequiredPackages.Need("postfix");
        List<string> command =
        [
            "/usr/sbin/smtp-source", "-s", Text(sessions), "-m", Text(messages), "-l", Text(octets), "-f", "source@client.test", "-t", to,
            "-M", "client.test",
        ];
        if (numbered)
        {
            command.Add("-N");
        }

        command.Add("127.0.0.1:" + Text(port));
        return ChildProcess.RunAsync(command, limit: limit);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Postfix's smtp-sink: takes everything, keeps nothing.</summary>
public sealed class SmtpSink : IAsyncDisposable
{
    private readonly ChildProcess _process;

    private SmtpSink(int port, ChildProcess process)
    {
        Port = port;
        _process = process;
    }

    public int Port { get; }

    public static async Task<SmtpSink> StartAsync(CancellationToken cancellationToken = default)
    {
        RequiredPackages.Need("postfix");
        var port = Loopback.FreePort();
        List<string> command = ["/usr/sbin/smtp-sink"];
        if (Privileges.IsRoot)
        {
            command.AddRange(["-u", "nobody"]);
        }

        command.AddRange(["127.0.0.1:" + port.ToString(CultureInfo.InvariantCulture), "1000"]);
        var sink = new SmtpSink(port, ChildProcess.Start(command));
        await Until.TrueAsync(
            "smtp-sink listens", () => Loopback.AnswersAsync(port, cancellationToken), cancellationToken: cancellationToken);
        return sink;
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
