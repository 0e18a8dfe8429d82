using System.Text;
using Smtpy.Tests.Support.Smtp;
using Xunit;

namespace Smtpy.EndToEnd.Routing;

public sealed class AliasRoutingTests(SinkFixture fixture) : IClassFixture<SinkFixture>
{
    [Theory]
    [InlineData("shop@alias.test")]
    [InlineData("SHOP@Alias.TEST")]
    [InlineData("\"shop\"@alias.test")]
    [InlineData("shop+newsletter@alias.test")]
    public async Task An_alias_takes_mail_in_every_spelling(string address)
    {
        var (reply, id) = await fixture.SendAsync(address);

        Assert.StartsWith("250", reply, StringComparison.Ordinal);
        Assert.Equal([SinkFixture.Recipient], (await fixture.ArrivedAsync(id)).Recipients);
    }

    [Theory]
    [InlineData("\u00c9l\u00e8ve", true)]
    [InlineData("Eleve", false)]
    public async Task Mail_to_an_alias_outside_ASCII_leaves_with_SMTPUTF8_only_where_its_sender_wrote_UTF_8_in_the_header(string subject, bool expected)
    {
        var id = $"<{Guid.NewGuid():n}@routing.test>";
        using var conversation = await SmtpConversation.OpenAsync(fixture.Smtpy.SmtpPort);
        var octets = Encoding.UTF8.GetBytes($"From: <sender@client.test>\r\nSubject: {subject}\r\nMessage-ID: {id}\r\n\r\nbody\r\n");
        Assert.StartsWith("250", await conversation.TransactAsync("sender@client.test", "\u00e9l\u00e8ve@catch.test", octets, " SMTPUTF8"), StringComparison.Ordinal);
        var arrived = await fixture.Sink.WaitForAsync(message => message.Fingerprint.MessageId == id);
        Assert.Equal(expected, arrived.MailParameters.Contains("SMTPUTF8", StringComparison.Ordinal));
        var lines = Encoding.UTF8.GetString(arrived.Content).Split("\r\n");
        Assert.Contains("Delivered-To: %C3%A9l%C3%A8ve@catch.test", lines);
        Assert.Equal(expected ? 1 : 0, lines.Count(line => !Ascii.IsValid(line)));
    }

    [Fact]
    public async Task Every_recipient_of_an_alias_gets_the_message()
    {
        var (_, id) = await fixture.SendAsync("two@alias.test");

        await fixture.Sink.WaitForAsync(message => message.Fingerprint.MessageId == id && message.Recipients.Contains("you@mailbox.test"));
        await fixture.Sink.WaitForAsync(message => message.Fingerprint.MessageId == id && message.Recipients.Contains(SinkFixture.Recipient));
    }

    [Fact]
    public async Task An_unknown_alias_is_refused_at_rcpt()
    {
        var (reply, _) = await fixture.SendAsync("nobody@alias.test");
        Assert.StartsWith("550 5.1.1", reply, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_catch_all_takes_any_name()
    {
        var (_, id) = await fixture.SendAsync("whatever@catch.test");
        Assert.Equal(["everything@mailbox.test"], (await fixture.ArrivedAsync(id)).Recipients);
    }

    [Theory]
    [InlineData("postmaster@alias.test")]
    [InlineData("Postmaster@alias.test")]
    [InlineData("abuse@alias.test")]
    public async Task Postmaster_and_abuse_are_always_taken(string address)
    {
        // RFC 5321 section 4.5.1, RFC 2142 section 2.
        var (reply, _) = await fixture.SendAsync(address);
        Assert.StartsWith("250", reply, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bare_postmaster_is_taken()
    {
        var (reply, _) = await fixture.SendAsync("Postmaster");
        Assert.StartsWith("250", reply, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Disabled_and_refused_looks_like_an_unknown_alias()
    {
        var (refused, _) = await fixture.SendAsync("refused@alias.test");
        var (unknown, _) = await fixture.SendAsync("nobody@alias.test");
        Assert.StartsWith("550 5.1.1", refused, StringComparison.Ordinal);
        Assert.Equal(
            unknown.Replace("nobody", "", StringComparison.Ordinal), refused.Replace("refused", "", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Disabled_and_deferred_asks_the_sender_to_come_again()
    {
        var (reply, _) = await fixture.SendAsync("later@alias.test");
        Assert.StartsWith("4", reply, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Disabled_and_silent_says_250_and_forwards_nothing()
    {
        var (reply, silent) = await fixture.SendAsync("silent@alias.test");
        Assert.StartsWith("250", reply, StringComparison.Ordinal);

        // What was sent later has arrived, and nothing else is on its way either.
        var (_, after) = await fixture.SendAsync("shop@alias.test");
        await fixture.ArrivedAsync(after);
        await fixture.Smtpy.UntilQueueIsEmptyAsync();
        Assert.DoesNotContain(fixture.Sink.Messages, message => message.Fingerprint.MessageId == silent);
    }

    [Fact]
    public async Task An_alias_made_while_the_server_runs_works_at_once_and_a_deleted_one_stops()
    {
        Assert.StartsWith("550", (await fixture.SendAsync("fresh@alias.test")).Reply, StringComparison.Ordinal);

        await fixture.Smtpy.AddAliasAsync("fresh@alias.test", SinkFixture.Recipient);
        Assert.StartsWith("250", (await fixture.SendAsync("fresh@alias.test")).Reply, StringComparison.Ordinal);

        (await fixture.Smtpy.RunAsync("alias", "delete", "fresh@alias.test")).MustSucceed();
        await Tests.Support.Until.TrueAsync(
            "the deleted alias is refused",
            async () => (await fixture.SendAsync("fresh@alias.test")).Reply.StartsWith("550 5.1.1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_null_sender_is_taken_and_goes_out_without_provoking_bounces()
    {
        var (reply, id) = await fixture.SendAsync("shop@alias.test", from: "");
        Assert.StartsWith("250", reply, StringComparison.Ordinal);
        await fixture.ArrivedAsync(id);
    }

    [Fact]
    public async Task The_strangers_address_is_never_our_return_path()
    {
        var (_, id) = await fixture.SendAsync("shop@alias.test", from: "stranger@client.test");
        Assert.NotEqual("stranger@client.test", (await fixture.ArrivedAsync(id)).ReturnPath);
    }
}
