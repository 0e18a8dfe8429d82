using Smtpy.Tests.Support.Processes;
using Smtpy.Tests.Support.Smtp;
using Xunit;

namespace Smtpy.EndToEnd.Content;

/// <summary>The yardstick first: what Postfix itself does to each shape, so that a difference later is ours and not its own.</summary>
public sealed class PostfixPassThroughTests
{
    [Fact]
    public async Task Postfix_alone_delivers_every_shape_untouched()
    {
        await using var postfix = await PostfixPeer.StartAsync();
        using var conversation = await SmtpConversation.OpenAsync(postfix.Port);
        foreach (var shape in Shape.All())
        {
            var reply = await conversation.TransactAsync("sender@client.test", "inbox@peer.test", shape.Octets, " BODY=8BITMIME");
            Assert.StartsWith("250", reply, StringComparison.Ordinal);
            Untouched.AssertInMaildir(shape.Octets, await postfix.WaitForAsync(shape.MessageId));
        }
    }
}
