using Smtpy.Tests.Support.Processes;
using Xunit;

namespace Smtpy.EndToEnd.Content;

/// <summary>smtpy forwarding in transparent mode through a real Postfix that is the recipients' mail server.</summary>
public sealed class RelayFixture : IAsyncLifetime
{
    public PostfixPeer Postfix { get; private set; } = null!;

    public SmtpyProcess Smtpy { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Postfix = await PostfixPeer.StartAsync();
        Smtpy = await SmtpyProcess.StartAsync(
            Instance.RelayingTo(Postfix.Port, ("SMTP_MAX_MESSAGE_SIZE", "220000000"), Instance.Transparent), Instance.Domain,
            Instance.Alias("shop", "inbox@peer.test"));
    }

    public async ValueTask DisposeAsync()
    {
        if (Smtpy is not null)
        {
            await Smtpy.DisposeAsync();
        }

        await Postfix.DisposeAsync();
    }
}
