using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;
using Smtpy.Mail.Server;
using Smtpy.Mail.Server.Sasl;
using Xunit;

namespace Smtpy.Mail.Tests.Server;

/// <summary>
/// Plays the files of Dialogs against a server on a real socket. Lines of a file:
/// <code>
/// # comment                      @ NAME VALUE   an option of the server; "@ tls" gives it a certificate,
///                                "@ submission" one and a listener for submission, "@ submissions" with TLS at once
/// C: line                        sent with CR LF; neighbouring C lines go out in one write
/// C> octets                      sent as they are; \r \n \t \0 \\ \xHH and "{N*text}" (text N times)
/// S: line                        the reply line must be exactly this
/// S~ regex                       the reply line must match as a whole
/// TLS                            the client begins the TLS handshake
/// CLOSED                         the server must have closed, with nothing more said
/// MESSAGES n                     so many messages were accepted
/// MESSAGE octets                 the last accepted message, octet for octet (escapes as above)
/// ENVELOPE sender recipient…     of the last accepted message
/// </code>
/// </summary>
public sealed class DialogTests
{
    public static TheoryData<string> Dialogs() =>
        [.. Directory.EnumerateFiles(Folder(), "*.dialog").Select(path => Path.GetFileNameWithoutExtension(path)).Order()];

    [Theory]
    [MemberData(nameof(Dialogs))]
    public async Task The_server_answers_as_the_dialog_says(string dialog)
    {
        var lines = await File.ReadAllLinesAsync(Path.Combine(Folder(), dialog + ".dialog"));
        var settings = lines.Where(line => line.StartsWith("@ ", StringComparison.Ordinal)).Select(line => line[2..].Split(' ')).ToList();
        using var certificate = settings.Exists(setting => setting[0] is "tls" or "submission" or "submissions") ? new TestCertificate() : null;
        await using var server = await TestServer.StartAsync(
            settings.Aggregate(TestServer.DefaultOptions, Apply), certificate: certificate?.Load(), credentials: new MemoryCredentials());
        await using var client = await server.ConnectAsync();
        var pending = new StringBuilder();
        var number = 0;
        foreach (var line in lines)
        {
            number++;
            try
            {
                await PlayAsync(line, server, client, pending);
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"{dialog}.dialog line {number}: {line}\n{failure.Message}", failure);
            }
        }
    }

    private static async Task PlayAsync(string line, TestServer server, RawClient client, StringBuilder pending)
    {
        var space = line.IndexOf(' ', StringComparison.Ordinal);
        var (word, rest) = space < 0 ? (line, "") : (line[..space], line[(space + 1)..]);
        if (word is "C:" or "C>")
        {
            pending.Append(word == "C:" ? rest + "\r\n" : Unescape(rest));
            return;
        }

        if (pending.Length > 0 && word is not ("" or "#" or "@"))
        {
            await client.SendAsync(pending.ToString());
            pending.Clear();
        }

        switch (word)
        {
            case "" or "#" or "@":
                break;
            case "S:":
                Assert.Equal(rest, await client.ReadLineAsync());
                break;
            case "S~":
                Assert.Matches(new Regex($"^(?:{rest})$", RegexOptions.CultureInvariant), await client.ReadLineAsync() ?? "(closed)");
                break;
            case "TLS":
                await client.StartTlsAsync();
                break;
            case "CLOSED":
                Assert.Null(await client.ReadLineAsync());
                break;
            default:
                CheckMessages(word, rest, server.Policy);
                break;
        }
    }

    private static void CheckMessages(string word, string rest, MemoryPolicy policy)
    {
        if (word == "MESSAGES")
        {
            Assert.Equal(int.Parse(rest), policy.Messages.Count);
            return;
        }

        var last = policy.Messages.Last();
        switch (word)
        {
            case "MESSAGE":
                Assert.Equal(Unescape(rest), Encoding.Latin1.GetString(last.Octets));
                break;
            case "ENVELOPE":
                var envelope = last.Transaction.Recipients.Select(recipient => recipient.Address).Prepend($"<{last.Transaction.Sender}>");
                Assert.Equal(rest, string.Join(' ', envelope));
                break;
            default:
                Assert.Fail($"No such line in a dialog: {word}");
                break;
        }
    }

    private static SmtpServerOptions Apply(SmtpServerOptions options, string[] setting) => setting[0] switch
    {
        "tls" => options,
        "submission" => options with { Listeners = [TestServer.On(ListenerKind.Submission)] },
        "submissions" => options with { Listeners = [TestServer.On(ListenerKind.SubmissionTls)] },
        nameof(SaslOptions.MaxFailures) => options with { Sasl = options.Sasl with { MaxFailures = int.Parse(setting[1]) } },
        nameof(SmtpServerOptions.MaxMessageSize) => options with { MaxMessageSize = long.Parse(setting[1]) },
        nameof(SmtpServerOptions.MaxRecipients) => options with { MaxRecipients = int.Parse(setting[1]) },
        nameof(SmtpServerOptions.MaxErrorsPerConnection) => options with { MaxErrorsPerConnection = int.Parse(setting[1]) },
        nameof(SmtpServerOptions.MaxMessagesPerConnection) => options with { MaxMessagesPerConnection = int.Parse(setting[1]) },
        nameof(SmtpServerOptions.MaxConnections) => options with { MaxConnections = int.Parse(setting[1]) },
        _ => throw new ArgumentException($"No such option in dialogs: {setting[0]}", nameof(setting)),
    };

    private static string Unescape(string text)
    {
        var repeated = Regex.Replace(
            text, @"\{(\d+)\*([^}]*)\}", match => new StringBuilder().Insert(0, match.Groups[2].Value, int.Parse(match.Groups[1].Value)).ToString());
        return Regex.Replace(repeated, @"\\(x[0-9A-Fa-f]{2}|.)", match => match.Value[1] switch
        {
            'r' => "\r",
            'n' => "\n",
            't' => "\t",
            '0' => "\0",
            'x' => ((char)Convert.ToInt32(match.Value[2..], 16)).ToString(),
            var other => other.ToString(),
        });
    }

    private static string Folder([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "Dialogs");
}
