using Xunit;

namespace Smtpy.EndToEnd.Routing;

/// <summary>The tricks of relay testers: none may make us send mail to a domain that is not ours.</summary>
public sealed class OpenRelayTests(SinkFixture fixture) : IClassFixture<SinkFixture>
{
    public static TheoryData<string> ForeignPaths => new(
        "user@foreign.test",
        "user@FOREIGN.test",
        "user@sub.alias.test",
        "user@alias.test.foreign.test",
        "user@foreign.test.",
        "@alias.test:user@foreign.test",
        "@alias.test,@mx.smtpy.test:user@foreign.test",
        "user@[127.0.0.1]",
        "user@[IPv6:::1]",
        "user@127.0.0.1",
        "user@localhost",
        "\"user@alias.test\"@foreign.test",
        "shop%alias.test@foreign.test");

    public static TheoryData<string> DisguisedPaths => new(
        "user%foreign.test@alias.test",
        "user%foreign.test%alias.test@alias.test",
        "\"user@foreign.test\"@alias.test",
        "\"user%foreign.test\"@alias.test",
        "\"user\\@foreign.test\"@alias.test",
        "foreign.test!user@alias.test",
        "\"foreign.test!user\"@alias.test",
        "alias.test!foreign.test!user@alias.test",
        "user@foreign.test@alias.test",
        "user@foreign.test%alias.test",
        "foreign.test!user",
        "user",
        "\"user@foreign.test\"",
        "@foreign.test:user@alias.test",
        "user@alias.test@foreign.test",
        "shop@alias.test user@foreign.test",
        "shop@alias.test,user@foreign.test",
        "shop@alias.test>,<user@foreign.test",
        "|/bin/sh@alias.test",
        "/tmp/file@alias.test",
        ":include:/etc/passwd@alias.test",
        "shop@alias.test\t",
        "shop@alias.test\0@foreign.test",
        "@alias.test",
        "shop@",
        "@",
        "\"\"@alias.test");

    [Theory]
    [MemberData(nameof(ForeignPaths))]
    public async Task A_domain_that_is_not_ours_is_refused(string path)
    {
        var (reply, id) = await fixture.SendAsync(path);
        Assert.Matches("^5[0-9][0-9] 5\\.", reply);
        AssertNothingWentOut(id);
    }

    [Fact]
    public async Task A_plain_foreign_domain_is_told_that_this_is_no_relay()
    {
        var (reply, _) = await fixture.SendAsync("user@foreign.test");
        Assert.StartsWith("550 5.7.1", reply, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(DisguisedPaths))]
    public async Task An_address_that_hides_another_domain_is_refused(string path)
    {
        var (reply, id) = await fixture.SendAsync(path);
        Assert.Matches("^5[0-9][0-9] 5\\.", reply);
        AssertNothingWentOut(id);
    }

    [Theory]
    [InlineData("shop@alias.test")]
    [InlineData("root@alias.test")]
    [InlineData("user@[127.0.0.1]")]
    [InlineData("user@mx.smtpy.test")]
    public async Task A_sender_that_claims_to_be_one_of_us_may_relay_no_more_than_anybody(string from)
    {
        var (reply, id) = await fixture.SendAsync("user@foreign.test", from);
        Assert.StartsWith("5", reply, StringComparison.Ordinal);
        AssertNothingWentOut(id);
    }

    private void AssertNothingWentOut(string messageId) =>
        Assert.DoesNotContain(fixture.Sink.Messages, message => message.Fingerprint.MessageId == messageId);
}
