using MimeKit;
using Smtpy.Tests.Support.Processes;
using Xunit;

namespace Smtpy.EndToEnd.Correspondence;

/// <summary>Conversations through an alias, between the owner's mail program and a stranger's, over both of their hosts.</summary>
public abstract class ReplyScenarios(MailWorld world)
{
    [Fact]
    public async Task A_reply_comes_from_the_alias_without_a_trace_of_the_mailbox()
    {
        await ReceiveAsync("trace", "<question@sender.test>", out var arriving);
        var reverse = (await arriving).From.Address;

        await Hosts.SendAsync(world.Hosts.Home, MailWorld.Mailbox, reverse, RevealingHead(reverse), RevealingBody(reverse));
        var mail = await world.AtSenderAsync("Subject: Re: A question of trace");

        Assert.Equal("trace@alias.test", mail.From.Address);
        Assert.Equal("jane@sender.test", mail.Message.To.Mailboxes.Single().Address);
        foreach (var place in mail.Everything())
        {
            foreach (var secret in new[] { "me@home", "me%40home", "home.test", Hosts.HomeAddress, "Secret Agent", reverse })
            {
                Assert.DoesNotContain(secret, place, StringComparison.OrdinalIgnoreCase);
            }
        }

        Assert.Contains("write to trace@alias.test", mail.Message.TextBody, StringComparison.Ordinal);
        var answer = await mail.VerifyAsync();
        Assert.Contains(answer.Signatures, static signature => signature is { Domain: "alias.test", Passes: true });
        Assert.All(answer.Signatures, signature => Assert.True(signature.Passes, mail.Source));
        Assert.DoesNotContain("mx.home.test", mail.Source, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_conversation_stays_one_thread_on_both_sides()
    {
        await ReceiveAsync("talk", "<talk-1@sender.test>", out var arriving);
        var first = await arriving;

        await Hosts.SendAsync(
            world.Hosts.Home, MailWorld.Mailbox, first.From.Address,
            $"From: Me <{MailWorld.Mailbox}>\nTo: {first.From.Address}\nSubject: Re: A question of talk\nMessage-ID: <talk-2@home.test>\n"
            + $"In-Reply-To: <talk-1@sender.test>\nReferences: {first.Header("References")} <talk-1@sender.test>");
        var second = await world.AtSenderAsync("Subject: Re: A question of talk");
        Assert.Equal("talk-1@sender.test", second.Message.InReplyTo);
        Assert.Equal(["talk-1@sender.test"], second.Message.References);
        Assert.EndsWith("@alias.test", second.Message.MessageId, StringComparison.Ordinal);

        await Hosts.SendAsync(
            world.Hosts.Sender, "jane@sender.test", "talk@alias.test",
            "From: Jane <jane@sender.test>\nTo: talk@alias.test\nSubject: Re: Re: A question of talk\nMessage-ID: <talk-3@sender.test>\n"
            + $"In-Reply-To: <{second.Message.MessageId}>\nReferences: <talk-1@sender.test> <{second.Message.MessageId}>");
        var third = await world.AtHomeAsync("<talk-3@sender.test>");

        Assert.Equal("talk-2@home.test", third.Message.InReplyTo);
        Assert.Equal(["talk-1@sender.test", "talk-2@home.test"], third.Message.References.TakeLast(2));
        Assert.Equal(first.From.Address, third.From.Address);
        await third.AssertTrustedAsync("alias.test", seals: 1);
    }

    [Fact]
    public async Task A_reply_to_all_reaches_each_contact_and_names_nobody_by_a_reverse_address()
    {
        await Hosts.SendAsync(
            world.Hosts.Sender, "jane@sender.test", "all@alias.test",
            "From: Jane <jane@sender.test>\nTo: all@alias.test\nCc: Bob <bob@other.test>\nSubject: For all\nMessage-ID: <all-1@sender.test>");
        var first = await world.AtHomeAsync("<all-1@sender.test>");
        var (jane, bob) = (first.From, first.Message.Cc.Mailboxes.Single());
        Assert.Equal(("alias.test", "alias.test"), (jane.Domain, bob.Domain));
        Assert.NotEqual(jane.Address, bob.Address);

        foreach (var to in new[] { jane, bob })
        {
            await Hosts.SendAsync(
                world.Hosts.Home, MailWorld.Mailbox, to.Address,
                $"From: Me <{MailWorld.Mailbox}>\nTo: {jane}\nCc: {bob}, all@alias.test\nSubject: Re: For all\nMessage-ID: <all-2@home.test>");
        }

        foreach (var (receiver, _) in new[] { ("jane@sender.test", jane), ("bob@other.test", bob) })
        {
            var mail = await world.AtSenderAsync("Subject: Re: For all", $"Delivered-To: {receiver}\n");
            Assert.Equal("all@alias.test", mail.From.Address);
            Assert.Equal("jane@sender.test", mail.Message.To.Mailboxes.Single().Address);
            Assert.Equal(["bob@other.test", "all@alias.test"], mail.Message.Cc.Mailboxes.Select(static mailbox => mailbox.Address));
            Assert.DoesNotContain(jane.Address, mail.Source, StringComparison.Ordinal);
            Assert.DoesNotContain(bob.Address, mail.Source, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_conversation_can_be_begun_with_a_contact_that_was_added()
    {
        var reverse = (await world.RunAsync("contact", "add", "start@alias.test", "Ann <ann@other.test>")).Trim();

        await Hosts.SendAsync(
            world.Hosts.Home, MailWorld.Mailbox, reverse, $"From: Me <{MailWorld.Mailbox}>\nTo: {reverse}\nSubject: Begun by contact\nMessage-ID: <begun@home.test>");

        var mail = await world.AtSenderAsync("Subject: Begun by contact");
        Assert.Equal(("start@alias.test", "ann@other.test"), (mail.From.Address, mail.Message.To.Mailboxes.Single().Address));
    }

    [Fact]
    public async Task A_conversation_can_be_begun_by_naming_the_contact_in_the_address()
    {
        const string to = "plus+ann=other.test@alias.test";
        await Hosts.SendAsync(
            world.Hosts.Home, MailWorld.Mailbox, to, $"From: Me <{MailWorld.Mailbox}>\nTo: {to}\nSubject: Begun by name\nMessage-ID: <named@home.test>");

        var mail = await world.AtSenderAsync("Subject: Begun by name");
        Assert.Equal(("plus@alias.test", "ann@other.test"), (mail.From.Address, mail.Message.To.Mailboxes.Single().Address));
        Assert.DoesNotContain("home.test", mail.Source, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_aliases_of_one_instance_write_to_each_other_as_strangers_do()
    {
        const string to = "near+far=alias.test@alias.test";
        await Hosts.SendAsync(
            world.Hosts.Home, MailWorld.Mailbox, to, $"From: Me <{MailWorld.Mailbox}>\nTo: {to}\nSubject: To a neighbour\nMessage-ID: <neighbour@home.test>");
        var arrived = await world.AtHomeAsync("Subject: To a neighbour", "Delivered-To: far@home.test");
        Assert.Equal("alias.test", arrived.From.Domain);
        Assert.NotEqual("near@alias.test", arrived.From.Address);
        Assert.DoesNotContain(MailWorld.Mailbox, arrived.Source, StringComparison.Ordinal);
        await arrived.AssertTrustedAsync("alias.test", seals: 1);

        await Hosts.SendAsync(
            world.Hosts.Home, "far@home.test", arrived.From.Address,
            $"From: Far <far@home.test>\nTo: {arrived.From.Address}\nSubject: From a neighbour\nMessage-ID: <neighbours-answer@home.test>");
        var answer = await world.AtHomeAsync("Subject: From a neighbour", $"Delivered-To: {MailWorld.Mailbox}");

        Assert.Contains("far at alias.test", answer.From.Name, StringComparison.Ordinal);
        Assert.DoesNotContain("far@home.test", answer.Source, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stranger_who_writes_as_the_owner_cannot_reply()
    {
        await ReceiveAsync("fence", "<fence@sender.test>", out var arriving);
        var reverse = (await arriving).From.Address;
        var forged = $"From: Me <{MailWorld.Mailbox}>\nTo: {reverse}\nSubject: Never written\nMessage-ID: <never@home.test>\n\nHello.\n";

        var asOwner = await world.TransactAsync(Hosts.ForgerAddress, MailWorld.Mailbox, reverse, forged);
        var asHimself = await world.TransactAsync(
            Hosts.SenderAddress, "jane@sender.test", reverse, forged.Replace(MailWorld.Mailbox, "jane@sender.test", StringComparison.Ordinal));

        Assert.StartsWith("5", asOwner, StringComparison.Ordinal);
        Assert.StartsWith("5", asHimself, StringComparison.Ordinal);
        await world.RefusalAsync("fence@alias.test");
    }

    private Task ReceiveAsync(string alias, string id, out Task<Mail> arriving)
    {
        arriving = world.AtHomeAsync(id);
        return Hosts.SendAsync(
            world.Hosts.Sender, "jane@sender.test", $"{alias}@alias.test",
            $"From: Jane <jane@sender.test>\nTo: {alias}@alias.test\nSubject: A question of {alias}\nMessage-ID: {id}");
    }

    /// <summary>What mail programs write beside the text, all of it telling where it was written.</summary>
    private static string RevealingHead(string reverse) =>
        $"""
        Received: from laptop.home.test ([{Hosts.HomeAddress}]) by mx.home.test with ESMTPSA; Wed, 1 Jan 2025 10:00:00 +0100
        From: Secret Agent <{MailWorld.Mailbox}>
        Sender: {MailWorld.Mailbox}
        Reply-To: Secret Agent <{MailWorld.Mailbox}>
        To: {reverse}
        Subject: Re: A question of trace
        Message-ID: <answer@home.test>
        In-Reply-To: <question@sender.test>
        User-Agent: Mailer of home.test
        X-Originating-IP: [{Hosts.HomeAddress}]
        X-Account-Key: {MailWorld.Mailbox}
        Disposition-Notification-To: {MailWorld.Mailbox}
        Autocrypt: addr={MailWorld.Mailbox}; keydata=AAAA
        MIME-Version: 1.0
        Content-Type: multipart/related; boundary="=_home.test_1"
        """;

    private static string RevealingBody(string reverse)
    {
        var html = $"<p>Write to <a href=\"mailto:me%40home.test\">me&#64;home.test</a> or {reverse}</p><img src=\"cid:logo@home.test\">";
        return
            $"""
            --=_home.test_1
            Content-Type: multipart/alternative; boundary="=_inner_home.test"

            --=_inner_home.test
            Content-Type: text/plain; charset=utf-8
            Content-Transfer-Encoding: quoted-printable

            Please write to me@home.te=
            st, Gr=C3=BC=C3=9Fe

            On Wednesday, Jane <{reverse}> wrote:
            > to ME@HOME.TEST
            --=_inner_home.test
            Content-Type: text/html; charset=utf-8
            Content-Transfer-Encoding: base64

            {Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(html), Base64FormattingOptions.InsertLineBreaks)}
            --=_inner_home.test--
            --=_home.test_1
            Content-Type: image/gif; name="me@home.test.gif"
            Content-ID: <logo@home.test>
            Content-Disposition: inline; filename="me@home.test.gif"
            Content-Transfer-Encoding: base64

            R0lGODlhAQABAAAAACwAAAAAAQABAAACAkQBADs=
            --=_home.test_1--

            """;
    }
}

[Collection(nameof(OnSqlite))]
public sealed class ReplyOnSqliteTests(SqliteWorld world) : ReplyScenarios(world);

[Collection(nameof(OnPostgres))]
public sealed class ReplyOnPostgresTests(PostgresWorld world) : ReplyScenarios(world);
