using System.Net;
using System.Text;
using Smtpy.Mail.Client;
using Smtpy.Mail.Messages;
using Smtpy.Tests.Support.ScriptedPeer;
using Xunit;

namespace Smtpy.Mail.Tests.Client;

/// <summary>What every test of the client does: connect to a scripted server, send, look at the outcome.</summary>
internal static class ClientFixture
{
    public static readonly SmtpClientOptions Options = new() { Hostname = "client.example" };

    public const string Head = "X-Head: 1\r\n";

    public const string Body = "Subject: hello\r\n\r\nbody\r\n";

    public static RemoteHost HostOf(ScriptedServer server) => new("peer.example", server.EndPoint);

    public static async Task<ConnectResult> ConnectAsync(ScriptedServer server, SmtpClientOptions? options = null, TimeProvider? time = null) =>
        await SmtpClientConnection.ConnectAsync(
            HostOf(server), options ?? Options, time ?? TimeProvider.System, TestContext.Current.CancellationToken);

    public static async Task<SmtpClientConnection> OpenAsync(ScriptedServer server, SmtpClientOptions? options = null, TimeProvider? time = null)
    {
        var result = await ConnectAsync(server, options, time);
        Assert.True(result.Connection is not null, result.Failure.ToString());
        return result.Connection;
    }

    public static Task<SendResult> SendAsync(SmtpClientConnection connection, string[] recipients, string body = Body, string sender = "me@client.example") =>
        connection.SendAsync(
            new SmtpEnvelope(sender, recipients), Encoding.Latin1.GetBytes(Head), Content(body), TestContext.Current.CancellationToken);

    public static InMemoryContent Content(string body) => new(Encoding.Latin1.GetBytes(body));

    /// <summary>One message to one recipient over a new connection.</summary>
    public static async Task<SendResult> SendOneAsync(ScriptedServer server, string body = Body, string to = "you@peer.example", string sender = "me@client.example")
    {
        await using var connection = await OpenAsync(server);
        return await SendAsync(connection, [to], body, sender);
    }

    public static string Describe(RecipientOutcome outcome) => $"{outcome.Status} {outcome.Reply}";
}

/// <summary>A message in given parts; a null part cannot be read.</summary>
internal sealed class PartedContent(params string?[] parts) : MessageContent
{
    public override long Length => parts.Sum(part => part?.Length ?? 0);

    public override int PartCount => parts.Length;

    public override ValueTask<ReadOnlyMemory<byte>> ReadPartAsync(int part, CancellationToken cancellationToken) =>
        parts[part] is { } text ? ValueTask.FromResult<ReadOnlyMemory<byte>>(Encoding.Latin1.GetBytes(text)) : throw new IOException("gone");
}
