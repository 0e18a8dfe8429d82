using System.Text;
using Smtpy.Tests.Support.Smtp;
using Xunit;

namespace Smtpy.EndToEnd.Content;

/// <summary>What a stranger sends to an alias lies, octet for octet, in the Maildir of the recipient's own mail server.</summary>
public sealed class OctetsThroughPostfixTests(RelayFixture fixture) : IClassFixture<RelayFixture>
{
    public static TheoryData<string> Shapes => [.. Shape.All().Select(shape => shape.Name)];

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task Every_shape_arrives_untouched(string name)
    {
        var shape = Shape.All().Single(candidate => candidate.Name == name);
        using var conversation = await SmtpConversation.OpenAsync(fixture.Smtpy.SmtpPort);

        var reply = await conversation.TransactAsync("sender@client.test", "shop@alias.test", shape.Octets, " BODY=8BITMIME");

        Assert.StartsWith("250", reply, StringComparison.Ordinal);
        Untouched.AssertInMaildir(shape.Octets, await fixture.Postfix.WaitForAsync(shape.MessageId));
    }

    [Fact]
    [Trait("speed", "slow")]
    public async Task A_hundred_megabytes_arrive_untouched()
    {
        var shape = Shape.Huge(100_000_000);
        using var conversation = await SmtpConversation.OpenAsync(fixture.Smtpy.SmtpPort);

        var reply = await conversation.TransactAsync(
            "sender@client.test", "shop@alias.test", shape.Octets, $" BODY=8BITMIME SIZE={shape.Octets.Length}");

        Assert.StartsWith("250", reply, StringComparison.Ordinal);
        Untouched.AssertInMaildir(shape.Octets, await fixture.Postfix.WaitForAsync(shape.MessageId));
        Assert.True(fixture.Smtpy.ResidentOctets("VmHWM") < 400_000_000, $"peak {fixture.Smtpy.ResidentOctets("VmHWM")} octets of memory");
    }

    [Fact]
    public async Task The_return_path_is_ours_and_our_trace_is_on_top()
    {
        using var conversation = await SmtpConversation.OpenAsync(fixture.Smtpy.SmtpPort);
        var octets = Encoding.ASCII.GetBytes("Message-ID: <trace@shapes.test>\r\nSubject: x\r\n\r\nbody\r\n");

        await conversation.TransactAsync("sender@client.test", "shop@alias.test", octets);

        var head = Encoding.UTF8.GetString(await fixture.Postfix.WaitForAsync("<trace@shapes.test>")).Split("\n\n")[0];
        Assert.DoesNotContain("Return-Path: <sender@client.test>", head, StringComparison.Ordinal);
        Assert.Contains("by mx.smtpy.test", head, StringComparison.Ordinal);
        Assert.True(
            head.IndexOf("by mx.smtpy.test", StringComparison.Ordinal) < head.IndexOf("Message-ID: <trace@", StringComparison.Ordinal),
            "our Received field stands above the sender's head");
    }

    [Fact]
    public async Task International_addresses_arrive()
    {
        await fixture.Smtpy.AddAliasAsync("grüße@alias.test", "inbox@peer.test");
        using var conversation = await SmtpConversation.OpenAsync(fixture.Smtpy.SmtpPort);
        var octets = Encoding.UTF8.GetBytes("From: Jürgen <jürgen@client.test>\r\nMessage-ID: <utf8@shapes.test>\r\n\r\n你好\r\n");

        var reply = await conversation.TransactAsync("jürgen@client.test", "grüße@alias.test", octets, " SMTPUTF8 BODY=8BITMIME");

        Assert.StartsWith("250", reply, StringComparison.Ordinal);
        Untouched.AssertInMaildir(octets, await fixture.Postfix.WaitForAsync("<utf8@shapes.test>"));
    }
}
