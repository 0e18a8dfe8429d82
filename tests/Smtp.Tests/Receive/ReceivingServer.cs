using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Smtpy.Mail.Server;
using Smtpy.Smtp.Receive;
using Smtpy.Smtp.Tests.Plan;
using Smtpy.Tests.Support.Smtp;
using Xunit;

namespace Smtpy.Smtp.Tests.Receive;

/// <summary>The receiving side behind the engine, on a port of its own.</summary>
internal sealed class ReceivingServer : IAsyncDisposable
{
    private readonly SmtpServer _server;

    private ReceivingServer(ReceivingFixture smtpy, SmtpServer server) => (Smtpy, _server) = (smtpy, server);

    public ReceivingFixture Smtpy { get; }

    public static async Task<ReceivingServer> StartAsync(
        Func<ReceiveOptions, ReceiveOptions>? receive = null, Func<SmtpServerOptions, SmtpServerOptions>? engine = null)
    {
        var smtpy = await ReceivingFixture.CreateAsync(receive: receive);
        var options = new SmtpServerOptions { Hostname = "mx.test", Listeners = [new(ListenerKind.Mx, new IPEndPoint(IPAddress.Loopback, 0))] };
        var server = new SmtpServer(
            engine?.Invoke(options) ?? options, smtpy.Get<MailReceiver>(), null, TimeProvider.System, NullLoggerFactory.Instance);
        await server.StartAsync(TestContext.Current.CancellationToken);
        return new ReceivingServer(smtpy, server);
    }

    public Task<SmtpConversation> OpenAsync() => SmtpConversation.OpenAsync(_server.EndPoint.Port, TestContext.Current.CancellationToken);

    /// <summary>In the middle of a message to this alias.</summary>
    public async Task<SmtpConversation> BeginAsync(string to = "shop@alias.test", string parameters = "")
    {
        var client = await OpenAsync();
        await client.CommandAsync("MAIL FROM:<" + ReceivingFixture.Jane + ">" + parameters);
        Assert.StartsWith("250", await client.CommandAsync($"RCPT TO:<{to}>"), StringComparison.Ordinal);
        Assert.StartsWith("354", await client.CommandAsync("DATA"), StringComparison.Ordinal);
        return client;
    }

    /// <returns>The answer to a whole message on a connection of its own.</returns>
    public async Task<string> SendAsync(string to = "shop@alias.test", string content = "Subject: s\r\n\r\nbody\r\n")
    {
        using var client = await OpenAsync();
        return await client.TransactAsync(ReceivingFixture.Jane, to, System.Text.Encoding.Latin1.GetBytes(content));
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await Smtpy.DisposeAsync();
    }
}
