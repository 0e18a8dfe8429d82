using Smtpy.Tests.Support;
using Smtpy.Tests.Support.Processes;
using Smtpy.Tests.Support.Smtp;
using Xunit;

namespace Smtpy.EndToEnd.Hostile;

public sealed class IdleConnectionTests
{
    [Fact]
    public async Task Five_thousand_idle_connections_are_held_while_others_are_served()
    {
        await using var sink = new RecordingSink();
        await using var smtpy = await SmtpyProcess.StartAsync(
            Instance.RelayingTo(sink.Port, ("SMTP_MAX_CONNECTIONS", "6000")), Instance.Domain, Instance.Alias("shop", "me@mailbox.test"));
        var idle = new List<SmtpConversation>();
        try
        {
            while (idle.Count < 5000)
            {
                var opened = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => SmtpConversation.OpenAsync(smtpy.SmtpPort)));
                idle.AddRange(opened);
            }

            Assert.All(idle, conversation => Assert.StartsWith("250", conversation.LastReply, StringComparison.Ordinal));
            (await SmtpSource.SendAsync(smtpy.SmtpPort, "shop@alias.test", messages: 500, sessions: 20)).MustSucceed();
            await Until.TrueAsync("500 arrived", () => sink.Received >= 500);

            TestContext.Current.TestOutputHelper?.WriteLine($"at most {smtpy.ResidentOctets("VmHWM") >> 20} MiB");
            Assert.InRange(smtpy.ResidentOctets("VmHWM"), 1, 400L * 1024 * 1024);
            Assert.StartsWith("250", await idle[2500].CommandAsync("NOOP"), StringComparison.Ordinal);
        }
        finally
        {
            idle.ForEach(conversation => conversation.Dispose());
        }
    }

    [Fact]
    public async Task Above_the_limit_a_connection_is_told_421_and_a_closed_one_makes_room()
    {
        await using var smtpy = new SmtpyProcess(new Dictionary<string, string?> { ["SMTP_MAX_CONNECTIONS"] = "3" });
        await smtpy.StartAsync();
        using var first = await SmtpConversation.OpenAsync(smtpy.SmtpPort);
        using var second = await SmtpConversation.OpenAsync(smtpy.SmtpPort);
        using var third = await SmtpConversation.OpenAsync(smtpy.SmtpPort);
        using (var fourth = await SmtpConversation.ConnectAsync(smtpy.SmtpPort))
        {
            Assert.StartsWith("421 4.3.2", await fourth.ReadReplyAsync(), StringComparison.Ordinal);
        }

        await first.CommandAsync("QUIT");
        await Until.TrueAsync(
            "there is room again",
            async () =>
            {
                using var next = await SmtpConversation.ConnectAsync(smtpy.SmtpPort);
                return (await next.ReadReplyAsync()).StartsWith("220", StringComparison.Ordinal);
            });
    }

    [Fact]
    public async Task One_client_cannot_take_all_connections()
    {
        await using var smtpy = new SmtpyProcess(new Dictionary<string, string?>
        {
            ["SMTP_MAX_CONNECTIONS_PER_CLIENT"] = "2",
            ["SMTP_LIMIT_EXEMPT"] = "192.0.2.0/24",
        });
        await smtpy.StartAsync();
        using var first = await SmtpConversation.OpenAsync(smtpy.SmtpPort);
        using var second = await SmtpConversation.OpenAsync(smtpy.SmtpPort);
        using var third = await SmtpConversation.ConnectAsync(smtpy.SmtpPort);
        Assert.Matches("^421 4\\.7\\.", await third.ReadReplyAsync());
    }
}
