using System.Net;
using System.Net.Sockets;
using Smtpy.Mail.Dns;
using Smtpy.Tests.Support.Dns;
using Xunit;

namespace Smtpy.Mail.Tests.Dns;

/// <summary>Answers by name servers of strangers, who choose what is asked and what is answered.</summary>
public sealed class HostileAnswerTests
{
    [Fact]
    public async Task A_huge_answer_is_given_and_not_kept()
    {
        await using var server = new DnsTestServer();
        server.TxtStrings("huge.test", [.. Enumerable.Repeat(new string('x', 250), 60)]).Txt("usual.test", "v=spf1 -all");
        var resolver = new DnsRecordResolver(new MailResolverOptions { Server = server.EndPoint }, TimeProvider.System);
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(15_000, Assert.Single((await resolver.FindTextsAsync("huge.test", TestContext.Current.CancellationToken)).Records).Length);
            Assert.Single((await resolver.FindTextsAsync("usual.test", TestContext.Current.CancellationToken)).Records);
        }

        Assert.Equal(2, server.Questions.Count(static question => question == "huge.test Txt tcp"));
        Assert.Single(server.Questions, static question => question == "usual.test Txt");
    }

    [Fact]
    public async Task Many_large_answers_do_not_pile_up()
    {
        const int names = 3_000, length = 7_000;
        await using var server = new DnsTestServer();
        for (var i = 0; i < names; i++)
        {
            server.TxtStrings($"{i}.test", [.. Enumerable.Repeat(new string('x', 250), length / 250)]);
        }

        var resolver = new DnsRecordResolver(new MailResolverOptions { Server = server.EndPoint }, TimeProvider.System);
        for (var i = 0; i < names; i++)
        {
            await resolver.FindTextsAsync($"{i}.test", TestContext.Current.CancellationToken);
        }

        // The newest first: what is still kept is not asked for again. Not measured by memory, which other tests share.
        for (var i = names - 1; i >= 0; i--)
        {
            await resolver.FindTextsAsync($"{i}.test", TestContext.Current.CancellationToken);
        }

        var kept = (2 * names) - server.Questions.Count(static question => question.EndsWith(" Txt tcp", StringComparison.Ordinal));
        Assert.InRange(kept, 1, 16 * 1024 * 1024 / length);
    }

    [Theory]
    [InlineData("00")]
    [InlineData("8180000100FF00000000")]
    [InlineData("81800001000100000000C00C0010000100000E10FFFF")]
    [InlineData("81800001000100000000C0FFC0FF0010000100000E100001")]
    public async Task A_malformed_answer_is_a_temporary_failure(string answer)
    {
        using var server = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var serving = ServeAsync(server, Convert.FromHexString(answer), stop.Token);
        var resolver = new DnsRecordResolver(
            new MailResolverOptions { Server = (IPEndPoint)server.Client.LocalEndPoint!, Timeout = TimeSpan.FromSeconds(1), Retries = 0 }, TimeProvider.System);

        var found = await resolver.FindTextsAsync("shop.test", TestContext.Current.CancellationToken);

        Assert.Equal(DnsStatus.TemporaryFailure, found.Status);
        Assert.StartsWith("DNS: ", found.Reason, StringComparison.Ordinal);
        await stop.CancelAsync();
        await serving;
    }

    /// <summary>Answers with the question's id and these octets.</summary>
    private static async Task ServeAsync(UdpClient server, byte[] octets, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var question = await server.ReceiveAsync(cancellationToken);
                await server.SendAsync(new byte[] { question.Buffer[0], question.Buffer[1] }.Concat(octets).ToArray(), question.RemoteEndPoint, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // Enough was asked.
        }
    }
}
