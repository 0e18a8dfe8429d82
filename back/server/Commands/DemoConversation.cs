using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Smtpy.Server.Commands;

/// <summary>The stranger's side of the demo: a plain SMTP dialog, line by line, so that a newcomer can read it.</summary>
internal static class DemoConversation
{
    /// <summary>Sends one message and returns the dialog, "C: " and "S: " before each line.</summary>
    /// <exception cref="IOException">The server answered something else than expected; the message tells what.</exception>
    public static async Task<IReadOnlyList<string>> SendAsync(
        IPEndPoint server, string from, string to, string message, CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(server, cancellationToken);
        await using var stream = client.GetStream();
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var dialog = new List<string>();

        async Task ExpectAsync(string code)
        {
            string? line;
            do
            {
                line = await reader.ReadLineAsync(cancellationToken) ?? throw new IOException("the server closed the connection");
                dialog.Add("S: " + line);
            }
            while (line.Length > 3 && line[3] == '-');

            if (!line.StartsWith(code, StringComparison.Ordinal))
            {
                throw new IOException($"the server answered \"{line}\" where {code} was expected");
            }
        }

        async Task SayAsync(string text, string code)
        {
            dialog.AddRange(text.Split("\r\n").Select(static line => "C: " + line));
            await stream.WriteAsync(Encoding.UTF8.GetBytes(text + "\r\n"), cancellationToken);
            await ExpectAsync(code);
        }

        await ExpectAsync("220");
        await SayAsync(from.Length == 0 ? "EHLO [127.0.0.1]" : "EHLO mail." + from[(from.IndexOf('@', StringComparison.Ordinal) + 1)..], "250");
        await SayAsync($"MAIL FROM:<{from}>", "250");
        await SayAsync($"RCPT TO:<{to}>", "250");
        await SayAsync("DATA", "354");
        await SayAsync(message + "\r\n.", "250");
        await SayAsync("QUIT", "221");
        return dialog;
    }
}
