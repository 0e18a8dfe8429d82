using Smtpy.Core.Storage;
using Smtpy.Tests.Support.Smtp;
using Xunit;

namespace Smtpy.Smtp.Tests.Receive;

/// <summary>250 is a promise: a commit that throws is never answered with it.</summary>
public sealed class StoreFaultTests
{
    public static TheoryData<Exception, string> Faults() => new()
    {
        { new StorageException("the commit failed"), "451 4.3.0" },
        { new StorageFullException("no space"), "452 4.3.1" },
        { new IOException("nobody thought of this one"), "451 4.3.0" },
        { new InvalidOperationException("nor of this"), "451 4.3.0" },
    };

    [Theory]
    [MemberData(nameof(Faults), DisableDiscoveryEnumeration = true)]
    public async Task A_commit_that_throws_is_answered_4xx_and_the_next_message_on_the_connection_succeeds(Exception fault, string expected)
    {
        await using var server = await ReceivingServer.StartAsync();
        using var client = await server.OpenAsync();
        var store = server.Smtpy.Store;

        store.StoreFault = fault;
        Assert.StartsWith(expected, await SendAsync(client), StringComparison.Ordinal);
        Assert.Empty(await server.Smtpy.DeliveriesAsync());

        store.StoreFault = null;
        Assert.StartsWith("250", await SendAsync(client), StringComparison.Ordinal);
        Assert.Single(await server.Smtpy.DeliveriesAsync());
        Assert.Single(store.Messages);
    }

    [Theory]
    [MemberData(nameof(Faults), DisableDiscoveryEnumeration = true)]
    public async Task A_part_that_cannot_be_stored_ahead_is_answered_4xx_at_the_end(Exception fault, string expected)
    {
        // Whatever fails inside the message is answered as a fault of ours: the sender comes again all the same.
        Assert.StartsWith("45", expected, StringComparison.Ordinal);
        await using var server = await ReceivingServer.StartAsync(options => options with { PartSize = 1000 });
        using var client = await server.OpenAsync();
        var large = "Subject: s\r\n\r\n" + string.Concat(Enumerable.Repeat("a line of the body\r\n", 1000));

        server.Smtpy.Store.PartFault = fault;
        Assert.Matches("^45[12] 4\\.3\\.[01]", await SendAsync(client, large));

        server.Smtpy.Store.PartFault = null;
        Assert.StartsWith("250", await SendAsync(client, large), StringComparison.Ordinal);
        Assert.Single(await server.Smtpy.DeliveriesAsync());
        Assert.Equal(0, server.Smtpy.Get<Smtp.Receive.ReceiveMemory>().Octets);
    }

    private static Task<string> SendAsync(SmtpConversation client, string content = "Subject: s\r\n\r\nbody\r\n") =>
        client.TransactAsync("jane@sender.test", "shop@alias.test", System.Text.Encoding.ASCII.GetBytes(content));
}
