using System.Net;
using System.Text;
using Smtpy.Core.Aliases;
using Smtpy.Mail.Server;
using Smtpy.Smtp.Receive;
using Smtpy.Smtp.Rewrite;
using Xunit;

namespace Smtpy.Smtp.Tests.Receive;

public sealed class LoopGuardTests
{
    private static readonly SmtpRecipient Shop = new()
    {
        LocalPart = "shop+new",
        Domain = "alias.test",
        Address = "shop+new@alias.test",
        PolicyState = new AliasLookup(AliasOutcome.Forward, "shop@alias.test", null, null, ["me@mailbox.test"]),
    };

    [Fact]
    public void A_message_that_never_was_here_is_no_loop() =>
        Assert.False(Read("Received: a\r\nDelivered-To: other@alias.test\r\n\r\nDelivered-To: shop@alias.test\r\n").IsLoop([Shop], 50));

    [Theory]
    [InlineData("Delivered-To: shop@alias.test\r\n\r\n")]
    [InlineData("delivered-to:  SHOP@Alias.Test \r\n\r\n")]
    [InlineData("X: y\r\nDelivered-To:\r\n shop+new@alias.test\r\n\r\n")]
    public void A_message_delivered_to_this_alias_before_is_a_loop(string message) =>
        Assert.True(Read(message).IsLoop([Shop], 50));

    [Theory]
    [InlineData("%C3%A9l%c3%a8ve@shop.test", true)]
    [InlineData("\u00e9l\u00e8ve@shop.test", true)]
    [InlineData("eleve@shop.test", false)]
    public void An_alias_outside_ASCII_is_recognised_in_our_spelling_and_in_UTF_8(string seen, bool isLoop)
    {
        const string alias = "\u00e9l\u00e8ve@shop.test";
        Assert.Equal("%C3%A9l%C3%A8ve@shop.test", TraceAddress.Write(alias));
        var pupil = new SmtpRecipient
        {
            LocalPart = "\u00e9l\u00e8ve",
            Domain = "shop.test",
            Address = alias,
            PolicyState = new AliasLookup(AliasOutcome.Forward, alias, null, null, ["me@mailbox.test"]),
        };
        Assert.Equal(isLoop, Read($"Delivered-To: {seen}\r\n\r\n").IsLoop([pupil], 50));
    }

    [Fact]
    public void An_address_that_is_not_forwarded_cannot_loop()
    {
        var held = new SmtpRecipient
        {
            LocalPart = "postmaster",
            Domain = "alias.test",
            Address = "postmaster@alias.test",
            PolicyState = new AliasLookup(AliasOutcome.Hold, "postmaster@alias.test", null, null, []),
        };
        Assert.False(Read("Delivered-To: postmaster@alias.test\r\n\r\n").IsLoop([held], 50));
    }

    [Fact]
    public void Received_fields_are_counted_without_our_own_and_only_in_the_header()
    {
        var hops = new StringBuilder("Received: ours\r\n");
        hops.Insert(hops.Length, "Received: hop\r\n", 50).Append("\r\nReceived: body\r\n");
        Assert.False(Read(hops.ToString()).IsLoop([Shop], 50));
        Assert.True(Read("RECEIVED : hop\r\n" + hops).IsLoop([Shop], 50));
    }

    private static LoopGuard Read(string message)
    {
        var guard = new LoopGuard();
        guard.Read(Encoding.UTF8.GetBytes(message));
        return guard;
    }
}
