using System.Globalization;
using System.Net;
using System.Text;
using MimeKit;
using Smtpy.Tests.Support;
using Smtpy.Tests.Support.Processes;
using Xunit;

namespace Smtpy.EndToEnd.Correspondence;

/// <summary>What the owner's mailbox provider thinks of what SMTPy forwards.</summary>
public abstract class ForwardScenarios(MailWorld world)
{
    private const string OneClick = "List-Unsubscribe=One-Click";

    [Fact]
    public async Task A_message_of_a_domain_that_rejects_forgeries_arrives_with_dmarc_pass_under_a_reverse_address()
    {
        await SendAsync("shop", "<private@sender.test>");

        var mail = await world.AtHomeAsync("<private@sender.test>");

        await mail.AssertTrustedAsync("alias.test", seals: 1);
        Assert.Equal(("Jane at sender.test", "alias.test"), (mail.From.Name, mail.From.Domain));

        // Only the verdicts name who was judged, for the owner's filters.
        Assert.DoesNotContain(
            mail.Message.Headers, static field => field.Id is not (HeaderId.AuthenticationResults or HeaderId.ArcAuthenticationResults)
                && (field.Value.Contains("jane@sender.test", StringComparison.Ordinal) || field.Value.Contains(Hosts.SenderAddress, StringComparison.Ordinal)));
        Assert.Contains("dmarc=pass", mail.VerdictOf("mx.smtpy.test"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Transparent_mode_leaves_a_signed_message_as_it_is_and_dmarc_passes_by_the_senders_signature()
    {
        await world.RunAsync("alias", "set", "open@alias.test", "--mode", "transparent");
        await SendAsync("open", "<transparent@sender.test>");

        var mail = await world.AtHomeAsync("<transparent@sender.test>");

        Assert.Equal(("Jane", "jane@sender.test"), (mail.From.Name, mail.From.Address));
        await mail.AssertTrustedAsync("sender.test", seals: 1);
        Assert.Contains((await mail.VerifyAsync()).Signatures, signature => signature.Domain == "alias.test");
    }

    [Fact]
    public async Task Transparent_mode_replaces_From_where_nothing_but_the_senders_address_proved_it()
    {
        await world.RunAsync("alias", "set", "spf@alias.test", "--mode", "transparent");
        var reply = await world.TransactAsync(
            Hosts.SenderAddress, "jane@sender.test", "spf@alias.test",
            "From: Jane <jane@sender.test>\nTo: spf@alias.test\nSubject: unsigned\nMessage-ID: <unsigned@sender.test>\nX-Kept: as it was\n\nHello.\n");
        Assert.StartsWith("250", reply, StringComparison.Ordinal);

        var mail = await world.AtHomeAsync("<unsigned@sender.test>");

        await mail.AssertTrustedAsync("alias.test", seals: 1);
        Assert.Equal("alias.test", mail.From.Domain);
        Assert.Equal("as it was", mail.Header("X-Kept"));
        Assert.Equal("jane@sender.test", mail.Message.ReplyTo.Mailboxes.Single().Address);
    }

    [Fact]
    public async Task A_list_message_keeps_its_list_and_loses_its_links_home_in_private_mode()
    {
        await SendListAsync("list", "<list-private@open.test>");

        var mail = await world.AtHomeAsync("<list-private@open.test>");

        await mail.AssertTrustedAsync("alias.test", seals: 2);
        Assert.Equal("alias.test", mail.From.Domain);
        Assert.Equal("Friends <friends.lists.test>", mail.Header("List-Id"));
        Assert.Equal("<https://lists.test/u/1>", mail.Header("List-Unsubscribe"));
        Assert.Equal(OneClick, mail.Header("List-Unsubscribe-Post"));
        Assert.DoesNotContain("friends-leave@lists.test", mail.Source, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_message_passes_untouched_in_transparent_mode_and_the_lists_chain_of_seals_goes_on()
    {
        await world.RunAsync("alias", "set", "openlist@alias.test", "--mode", "transparent");
        await SendListAsync("openlist", "<list-transparent@open.test>");

        var mail = await world.AtHomeAsync("<list-transparent@open.test>");

        // The list broke the member's own signature, so DMARC cannot pass; the seals say that it had.
        await mail.AssertSoundAsync("lists.test", seals: 2);
        Assert.Contains("arc=pass", mail.VerdictOf("mx.home.test"), StringComparison.Ordinal);
        Assert.Equal("member@open.test", mail.From.Address);
        Assert.Equal("<mailto:friends-leave@lists.test>, <https://lists.test/u/1>", mail.Header("List-Unsubscribe"));
    }

    [Fact]
    public async Task The_unsubscribe_button_switches_the_alias_off_where_the_owner_wants_that()
    {
        await world.RunAsync("alias", "set", "news@alias.test", "--unsubscribe", "disable-alias");
        await SendAsync("news", "<news@sender.test>");
        var mail = await world.AtHomeAsync("<news@sender.test>");
        Assert.Equal(OneClick, mail.Header("List-Unsubscribe-Post"));
        var link = new Uri(world.Pages, new Uri(mail.Header("List-Unsubscribe")!.Trim('<', '>')).PathAndQuery);
        using var client = new HttpClient();

        // A scanner follows links; that must not do anything (RFC 8058 section 3.1 has the POST act).
        using var looked = await client.GetAsync(link);
        Assert.Equal(HttpStatusCode.OK, looked.StatusCode);
        Assert.StartsWith("250", await world.TransactAsync(Hosts.SenderAddress, "jane@sender.test", "news@alias.test", Plain("<still@sender.test>")), StringComparison.Ordinal);
        using var form = new FormUrlEncodedContent([new("List-Unsubscribe", "One-Click")]);
        using var clicked = await client.PostAsync(link, form);
        Assert.Equal(HttpStatusCode.OK, clicked.StatusCode);

        using var aliases = System.Text.Json.JsonDocument.Parse(await world.RunAsync("alias", "list", "--json"));
        var alias = aliases.RootElement.EnumerateArray().Single(static row => row.GetProperty("address").GetString() == "news@alias.test");
        Assert.False(alias.GetProperty("enabled").GetBoolean());
    }

    [Fact]
    public async Task No_signature_fails_while_the_keys_are_rotated()
    {
        var old = await SelectorsAsync();
        var sent = new List<string>();
        async Task StreamAsync(string phase)
        {
            for (var i = 0; i < 3; i++)
            {
                sent.Add(string.Create(CultureInfo.InvariantCulture, $"<{phase}-{i}@sender.test>"));
                await SendAsync("turn", sent[^1]);
            }
        }

        await StreamAsync("before");
        await world.RunAsync("domain", "rotate", Instance.Domain);
        await StreamAsync("made");
        await world.PublishAsync();
        await StreamAsync("published");
        await SendUntilAsync(old);

        foreach (var id in sent)
        {
            await (await world.AtHomeAsync(id)).AssertTrustedAsync("alias.test", seals: 1);
        }
    }

    /// <summary>Until a signature has a selector that was not there before.</summary>
    private async Task SendUntilAsync(IReadOnlyCollection<string> old)
    {
        var number = 0;
        await Until.TrueAsync(
            "a new key signs",
            async () =>
            {
                var id = string.Create(CultureInfo.InvariantCulture, $"<after-{++number}@sender.test>");
                await SendAsync("turn", id);
                var mail = await world.AtHomeAsync(id);
                await mail.AssertTrustedAsync("alias.test", seals: 1);
                return (await mail.VerifyAsync()).Signatures.Any(signature => signature.Domain == "alias.test" && !old.Contains(signature.Selector));
            });
    }

    private async Task<IReadOnlyCollection<string>> SelectorsAsync()
    {
        var keys = await world.JsonAsync("domain", "keys", Instance.Domain);
        return [.. keys.GetProperty("keys").EnumerateArray().Select(static key => key.GetProperty("selector").GetString()!)];
    }

    private Task SendAsync(string alias, string id) => Hosts.SendAsync(
        world.Hosts.Sender, "jane@sender.test", $"{alias}@alias.test",
        $"From: Jane <jane@sender.test>\nTo: {alias}@alias.test\nSubject: An order\nMessage-ID: {id}\nX-Mailer: shop 1.0");

    /// <summary>A list that changed the subject and the body: the member's own signature is broken, the list's and its seal are not.</summary>
    private async Task SendListAsync(string alias, string id)
    {
        var text =
            $"""
            Authentication-Results: lists.test; dkim=pass header.d=open.test; dmarc=pass header.from=open.test
            From: Member <member@open.test>
            To: friends@lists.test
            Subject: [friends] Hello
            Message-ID: {id}
            List-Id: Friends <friends.lists.test>
            List-Unsubscribe: <mailto:friends-leave@lists.test>, <https://lists.test/u/1>
            List-Unsubscribe-Post: {OneClick}
            MIME-Version: 1.0
            Content-Type: text/plain

            Hello.
            _______________
            A footer of the list.

            """;
        var message = await Dkimpy.SealAsync(
            Encoding.ASCII.GetBytes(text.ReplaceLineEndings("\r\n")), world.Hosts.Dns.Port, world.Hosts.Signer.KeyFile("lists.test"), "lists.test", OpendkimPeer.Selector);
        Assert.StartsWith(
            "250", await world.TransactAsync(Hosts.ListAddress, "friends-bounces@lists.test", $"{alias}@alias.test", message), StringComparison.Ordinal);
    }

    private static string Plain(string id) => $"From: Jane <jane@sender.test>\nSubject: plain\nMessage-ID: {id}\n\nHello.\n";
}

[Collection(nameof(OnSqlite))]
public sealed class ForwardOnSqliteTests(SqliteWorld world) : ForwardScenarios(world);

[Collection(nameof(OnPostgres))]
public sealed class ForwardOnPostgresTests(PostgresWorld world) : ForwardScenarios(world);
