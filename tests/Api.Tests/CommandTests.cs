using System.Globalization;
using System.Text.Json.Nodes;
using Smtpy.Core.Storage;
using Smtpy.Core.Storage.Model;
using Smtpy.Tests.Support;

namespace Smtpy.Api.Tests;

public sealed class CommandTestsOnSqlite(SqliteServer server) : CommandTests(server);

public sealed class CommandTestsOnPostgres(ServerOnPostgres server) : CommandTests(server);

/// <summary>The same use cases by the operator's door, beside the running server.</summary>
public abstract class CommandTests(ApiServer server)
{
    [Fact]
    public async Task Handling_is_set_by_words_and_given_back_by_inherit()
    {
        var alias = "first@" + (await server.AddTenantAsync()).Domain;
        var set = await JsonAsync("alias", "set", alias, "--mode", "transparent", "--from-format", "name-via-domain", "--banner", "top", "--clean-replies", "off");
        Assert.Equal(("transparent", "name_via_domain", "top", false), (Text(set, "mode"), Text(set, "from_format"), Text(set, "banner"), set["clean_replies"]!.GetValue<bool>()));
        Assert.Null((await JsonAsync("alias", "set", alias, "--mode", "inherit"))["mode"]);
        Assert.Equal(
            $"alias {alias}: from-format name-via-domain, banner at the top, replies not cleaned\n",
            (await server.Process.RunAsync("alias", "set", alias)).MustSucceed());
        var domain = alias[(alias.IndexOf('@', StringComparison.Ordinal) + 1)..];
        Assert.Equal("reject", Text(await JsonAsync("domain", "set", domain, "--on-dmarc-fail", "reject"), "on_dmarc_fail"));
        await FailsAsync("smtpy: --mode \"open\" is not accepted: private, transparent, inherit. See", "alias", "set", alias, "--mode", "open");
        foreach (var word in new[] { "name", "name-only", "name_only" })
        {
            Assert.Equal("name_only", Text(await JsonAsync("alias", "set", alias, "--from-format", word), "from_format"));
        }

        await FailsAsync("state \"maybe\" is not accepted: on, off.", "recipient", "protect-subject", "jane@mail.test", "maybe");
        await FailsAsync("may not hold {subjekt}", "alias", "set", alias, "--subject-template", "{subjekt}");
        await JsonAsync("domain", "catch-all", domain, "--to", "all@mail." + domain);
        await FailsAsync("'--to' is required", "domain", "catch-all", domain);
        await FailsAsync("--limit wants a whole number from 1 up", "queue", "list", "--limit", "0");
        Assert.Equal($"catch-all of {domain} is off\n", (await server.Process.RunAsync("domain", "catch-all", domain, "--to", "none")).MustSucceed());
    }

    [Fact]
    public async Task Recipients_and_note_of_an_alias_are_replaced_together_or_not_at_all()
    {
        var domain = (await server.AddTenantAsync()).Domain;
        var alias = "first@" + domain;
        var (one, two) = ("one@mail." + domain, "two@mail." + domain);
        var set = await JsonAsync("alias", "set", alias, "--to", one, two, "--note", "of the shop");
        Assert.Equal((one, two, "of the shop"), (set["recipients"]![0]!.GetValue<string>(), set["recipients"]![1]!.GetValue<string>(), Text(set, "description")));
        await FailsAsync("may not hold {x}", "alias", "set", alias, "--to", "three@mail." + domain, "--subject-template", "{x}");
        await FailsAsync("is not an e-mail address", "alias", "set", alias, "--to", "three", "--note", "lost");
        set = await JsonAsync("alias", "set", alias);
        Assert.Equal((2, "of the shop"), (set["recipients"]!.AsArray().Count, Text(set, "description")));
    }

    [Fact]
    public async Task Contacts_are_added_blocked_and_renewed()
    {
        var alias = "first@" + (await server.AddTenantAsync()).Domain;
        var reverse = (await server.Process.RunAsync("contact", "add", alias, "Jane <jane@shop.example>")).MustSucceed().Trim();
        Assert.Matches("^[a-z2-7]{24}@", reverse);
        Assert.True((await JsonAsync("contact", "block", alias, "jane@shop.example"))["blocked"]!.GetValue<bool>());
        var listed = Assert.Single((await JsonAsync("contact", "list", "--alias", alias)).AsArray())!;
        Assert.Equal((reverse, "Jane"), (Text(listed, "reverse_address"), Text(listed, "display_name")));
        Assert.NotEqual(reverse, (await server.Process.RunAsync("contact", "renew", alias, "jane@shop.example")).MustSucceed().Trim());
        await JsonAsync("contact", "delete", alias, "jane@shop.example");
        await FailsAsync("is no contact of", "contact", "unblock", alias, "jane@shop.example");
    }

    [Fact]
    public async Task Sender_rules_are_for_exactly_one_scope()
    {
        var tenant = await server.AddTenantAsync();
        var owner = "owner@" + tenant.Domain;
        Assert.Equal("block", Text(await JsonAsync("sender", "block", "@spam.test", "--user", owner), "verdict"));
        Assert.Equal(tenant.AliasId, (await JsonAsync("sender", "allow", "good@spam.test", "--alias", "first@" + tenant.Domain))["alias_id"]!.GetValue<Guid>());
        await FailsAsync("exactly one of", "sender", "block", "@spam.test");
        await FailsAsync("exactly one of", "sender", "block", "@spam.test", "--user", owner, "--domain", tenant.Domain);
        await FailsAsync("neither an address", "sender", "block", "spam.test", "--user", owner);
        Assert.Equal(2, (await JsonAsync("sender", "list")).AsArray().Count(r => Text(r!, "account") == owner));
        await JsonAsync("sender", "delete", "@spam.test", "--user", owner);
        await FailsAsync("There is no rule", "sender", "delete", "@spam.test", "--user", owner);
    }

    [Fact]
    public async Task Recipients_are_paused_resumed_and_given_keys()
    {
        var mailbox = "jane@mail." + (await server.AddTenantAsync()).Domain;
        Assert.NotNull((await JsonAsync("recipient", "pause", mailbox))["paused_at"]);
        Assert.Null((await JsonAsync("recipient", "resume", mailbox))["paused_at"]);
        Assert.True((await JsonAsync("recipient", "protect-subject", mailbox, "on"))["protect_subject"]!.GetValue<bool>());
        using var folder = new TempFolder();
        var file = Path.Combine(folder.Path, "key.asc");
        await File.WriteAllTextAsync(file, "hello", TestContext.Current.CancellationToken);
        await FailsAsync("neither an OpenPGP public key", "recipient", "key", "set", mailbox, file);
        await FailsAsync("no-such-file", "recipient", "key", "set", mailbox, Path.Combine(folder.Path, "no-such-file"));
        Assert.Equal("none", Text(await JsonAsync("recipient", "key", "remove", mailbox), "encryption"));
        Assert.Contains((await JsonAsync("recipient", "list")).AsArray(), r => Text(r!, "email") == mailbox);
    }

    [Fact]
    public async Task SMTP_passwords_are_made_listed_and_revoked()
    {
        var domain = (await server.AddTenantAsync()).Domain;
        var made = await JsonAsync("smtp-password", "create", "--alias", "FIRST@" + domain);
        Assert.Equal(("first@" + domain, 32), (Text(made, "user_name"), Text(made, "password")!.Length));
        Assert.Matches("^user name  owner@.*\npassword   [a-z2-9]{32}\n$", (await server.Process.RunAsync("smtp-password", "create", "--user", "owner@" + domain)).MustSucceed());
        await FailsAsync("exactly one of", "smtp-password", "create");
        Assert.Equal(2, (await JsonAsync("smtp-password", "list")).AsArray().Count(c => Text(c!, "user_name")!.EndsWith(domain, StringComparison.Ordinal)));
        await JsonAsync("smtp-password", "revoke", "first@" + domain);
        await FailsAsync("There is no SMTP password", "smtp-password", "revoke", "first@" + domain);
    }

    [Fact]
    public async Task A_story_is_told_saved_and_released()
    {
        var tenant = await server.AddTenantAsync();
        var token = TestContext.Current.CancellationToken;
        var store = server.Core<IMessageStore>();
        var octets = "Subject: Hello \u001b[31m\r\n\r\nbody\r\n"u8.ToArray();
        var id = await store.NextMessageIdAsync(token);
        await store.StoreAsync(
            new NewMessage(
                id, TimeProvider.System.GetUtcNow(), "bob@sender.test", "192.0.2.7", "mx.sender.test", "ESMTPS", octets.Length, 0, octets,
                [new NewDelivery(0, tenant.AccountId, tenant.AliasId, "first@" + tenant.Domain, "jane@mail.test", DeliveryState.Held, false) { Reason = "its sender is forged" }])
            {
                Judgement = """{"spf":{"result":"fail","domain":"sender.test"},"dmarc":{"result":"fail","policy":"reject","disposition":"reject","domain":"sender.test"}}""",
            },
            token);
        var number = id.ToString(CultureInfo.InvariantCulture);
        var story = (await server.Process.RunAsync("queue", "show", number)).MustSucceed();
        Assert.Contains("from mx.sender.test [192.0.2.7] by ESMTPS, no TLS\n", story, StringComparison.Ordinal);
        Assert.Contains("SPF        fail for sender.test\n", story, StringComparison.Ordinal);
        Assert.Contains("DMARC      fail for sender.test, policy reject, which asks for reject\n", story, StringComparison.Ordinal);
        Assert.Contains($"forward    first@{tenant.Domain} → jane@mail.test: held\n           its sender is forged\n", story, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', story);
        Assert.Equal("fail", Text((await JsonAsync("queue", "show", number))["judgement"]!["spf"]!, "result"));

        using var folder = new TempFolder();
        var file = Path.Combine(folder.Path, "message.eml");
        (await server.Process.RunAsync("queue", "save", number, file)).MustSucceed();
        Assert.Equal(octets, await File.ReadAllBytesAsync(file, token));
        await FailsAsync($"cannot write {file}: it is there already", "queue", "save", number, file);

        // Output of programs is read as lines here.
        Assert.Equal(System.Text.Encoding.ASCII.GetString(octets).ReplaceLineEndings("\n"), (await server.Process.RunAsync("queue", "save", number, "-")).MustSucceed());
        await FailsAsync("cannot write /nope/x: no such folder", "queue", "save", number, "/nope/x");
        Assert.Contains(
            "forwards to jane@mail.test", (await server.Process.RunAsync("alias", "set", "first@" + tenant.Domain, "--to", "jane@mail.test")).MustSucceed(),
            StringComparison.Ordinal);
        Assert.Equal(
            "mail is forwarded to jane@mail.test\n1 message is still held for it: smtpy queue list --state held, then smtpy queue release ID\n",
            (await server.Process.RunAsync("recipient", "resume", "jane@mail.test", "--user", "owner@" + tenant.Domain)).MustSucceed());
        await FailsAsync("Either the ids of messages are wanted, or --all.", "queue", "release");
        await FailsAsync("Either the ids of messages are wanted, or --all.", "queue", "release", number, "--all");
        await FailsAsync("'x' is no message id", "queue", "release", number, "x");
        await FailsAsync("Required argument 'id' missing", "queue", "drop");
        var released = await server.Process.RunAsync("queue", "release", "999999999", number);
        Assert.Equal((1, "1 delivery is due now\n"), (released.ExitCode, released.Output));
        Assert.Contains("999999999", released.Error, StringComparison.Ordinal);
        await FailsAsync("is held", "queue", "release", number);
        var retried = await server.Process.RunAsync("queue", "retry", "--json", "999999998", "999999999");
        Assert.Equal((0, 2), (JsonNode.Parse(retried.Output)!["retried"]!.GetValue<int>(), JsonNode.Parse(retried.Output)!["errors"]!.AsArray().Count));
        (await server.Process.RunAsync("refusals", "list")).MustSucceed();
        (await server.Process.RunAsync("bounces", "list", "--limit", "5")).MustSucceed();
        await FailsAsync("--limit", "refusals", "list", "--limit", "0");
    }

    [Fact]
    public async Task A_refusal_has_a_story_too()
    {
        var tenant = await server.AddTenantAsync();
        var id = Guid.CreateVersion7();
        await server.Core<IMessageStore>().RecordRefusalAsync(
            new RefusalRow
            {
                Id = id,
                At = DateTimeOffset.UnixEpoch,
                AccountId = tenant.AccountId,
                AliasAddress = "first@" + tenant.Domain,
                Sender = "spam@sender.test",
                HeaderFrom = "boss@bank.test",
                ClientAddress = "192.0.2.9",
                Helo = "mx.sender.test",
                Reply = "550 5.7.1 blocked",
                Judgement = """{"spf":{"result":"fail","domain":"sender.test"},"dmarc":{"result":"none","disposition":"none"},"from":"boss@bank.test","arc":{"result":"none","instances":0}}""",
            },
            TestContext.Current.CancellationToken);
        Assert.Contains(id.ToString(), (await server.Process.RunAsync("refusals", "list")).MustSucceed(), StringComparison.Ordinal);
        var story = (await server.Process.RunAsync("refusals", "show", id.ToString())).MustSucceed();
        Assert.Contains("mx.sender.test [192.0.2.9]", story, StringComparison.Ordinal);
        Assert.Contains($"alias      first@{tenant.Domain}\n", story, StringComparison.Ordinal);
        Assert.Contains("answer     550 5.7.1 blocked\n", story, StringComparison.Ordinal);
        Assert.Contains("DMARC      none for bank.test, policy none published\n", story, StringComparison.Ordinal);
        Assert.Equal("fail", Text((await JsonAsync("refusals", "show", id.ToString()))["judgement"]!["spf"]!, "result"));
        await FailsAsync("There is no refusal", "refusals", "show", Guid.Empty.ToString());
        await FailsAsync("id \"x\" is not accepted", "refusals", "show", "x");
    }

    private async Task<JsonNode> JsonAsync(params string[] arguments) =>
        JsonNode.Parse((await server.Process.RunAsync([.. arguments, "--json"])).MustSucceed())!;

    private async Task FailsAsync(string reason, params string[] arguments)
    {
        var result = await server.Process.RunAsync(arguments);
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains(reason, result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', result.Error.TrimEnd());
    }

    private static string? Text(JsonNode node, string name) => node[name]?.GetValue<string>();
}
