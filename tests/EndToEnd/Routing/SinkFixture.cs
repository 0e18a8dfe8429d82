using Smtpy.Tests.Support.Processes;
using Smtpy.Tests.Support.Smtp;
using Xunit;

namespace Smtpy.EndToEnd.Routing;

/// <summary>smtpy with a handful of aliases in different states, forwarding to a sink that keeps everything.</summary>
public sealed class SinkFixture : IAsyncLifetime
{
    public const string Recipient = "me@mailbox.test";

    public RecordingSink Sink { get; } = new(SinkMemory.Content);

    public SmtpyProcess Smtpy { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var smtpy = new SmtpyProcess(Instance.RelayingTo(Sink.Port));
        Smtpy = smtpy;
        await smtpy.AddDomainAsync(Instance.Domain);
        (await smtpy.RunAsync("domain", "add", "catch.test", "--user", SmtpyProcess.User)).MustSucceed();
        (await smtpy.RunAsync("domain", "catch-all", "catch.test", "--to", "everything@mailbox.test")).MustSucceed();
        await smtpy.ImportAsync(new Dictionary<string, string[]>
        {
            ["shop@alias.test"] = [Recipient],
            ["two@alias.test"] = [Recipient, "you@mailbox.test"],
            ["silent@alias.test"] = [Recipient],
            ["refused@alias.test"] = [Recipient],
            ["later@alias.test"] = [Recipient],
        });
        (await smtpy.RunAsync("alias", "disable", "silent@alias.test", "--answer", "discard")).MustSucceed();
        (await smtpy.RunAsync("alias", "disable", "refused@alias.test", "--answer", "refuse")).MustSucceed();
        (await smtpy.RunAsync("alias", "disable", "later@alias.test", "--answer", "defer")).MustSucceed();
        await smtpy.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Smtpy.DisposeAsync();
        await Sink.DisposeAsync();
    }

    /// <summary>Sends a small message; the reply that decided, and its Message-ID.</summary>
    public async Task<(string Reply, string MessageId)> SendAsync(string to, string from = "sender@client.test")
    {
        var id = $"<{Guid.NewGuid():n}@routing.test>";
        using var conversation = await SmtpConversation.OpenAsync(Smtpy.SmtpPort);
        var octets = System.Text.Encoding.ASCII.GetBytes($"From: <sender@client.test>\r\nMessage-ID: {id}\r\n\r\nbody\r\n");
        return (await conversation.TransactAsync(from, to, octets), id);
    }

    public Task<SinkMessage> ArrivedAsync(string messageId) => Sink.WaitForAsync(message => message.Fingerprint.MessageId == messageId);
}
