using System.Text.Json;
using System.Text.RegularExpressions;
using Smtpy.Tests.Support;
using Smtpy.Tests.Support.Processes;
using Xunit;

namespace Smtpy.EndToEnd.Correspondence;

/// <summary>What does not simply go through: held, refused, come back. None of it disappears unseen.</summary>
public abstract class PolicyScenarios(MailWorld world)
{
    [Fact]
    public async Task A_forgery_is_held_and_shown_and_the_owner_can_release_it()
    {
        Assert.StartsWith("250", await ForgeAsync("held", "<forged-held@sender.test>"), StringComparison.Ordinal);

        var held = await world.StoredAsync("held@alias.test", static entry => State(entry) == "held");
        var id = held.GetProperty("id").GetInt64().ToString(System.Globalization.CultureInfo.InvariantCulture);
        Assert.Contains("DMARC", held.GetProperty("reason").GetString(), StringComparison.Ordinal);
        var story = await world.RunAsync("queue", "show", id);
        Assert.Contains(Hosts.ForgerAddress, story, StringComparison.Ordinal);
        Assert.Contains("fail", story, StringComparison.Ordinal);
        Assert.DoesNotContain(world.Hosts.Home.Delivered(), static path => File.ReadAllText(path).Contains("<forged-held@sender.test>", StringComparison.Ordinal));
        using var folder = new TempFolder();
        await world.RunAsync("queue", "save", id, folder.Combine("held.eml"));
        Assert.Contains("<forged-held@sender.test>", await File.ReadAllTextAsync(folder.Combine("held.eml")), StringComparison.Ordinal);

        await world.RunAsync("queue", "release", id);

        var mail = await world.AtHomeAsync("Message-ID: <forged-held@sender.test>");
        Assert.Contains("dmarc=fail", mail.VerdictOf("mx.smtpy.test"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_owner_is_told_of_what_is_held()
    {
        Assert.StartsWith("250", await ForgeAsync("bank", "<forged-told@sender.test>"), StringComparison.Ordinal);
        var held = await world.StoredAsync("bank@alias.test", static entry => State(entry) == "held");

        var told = await world.AtHomeAsync("bank@alias.test");

        Assert.Equal("mx.smtpy.test", told.From.Domain);
        Assert.Contains("jane@sender.test", told.Message.TextBody, StringComparison.Ordinal);
        Assert.Equal("held", State(held));
    }

    [Fact]
    public async Task A_forgery_is_refused_and_listed_where_the_alias_wants_that()
    {
        await world.RunAsync("alias", "set", "refused@alias.test", "--on-dmarc-fail", "reject");

        Assert.StartsWith("550 5.7.1", await ForgeAsync("refused", "<forged-refused@sender.test>"), StringComparison.Ordinal);

        var refusal = await world.RefusalAsync("refused@alias.test");
        Assert.Contains("jane@sender.test", refusal.GetRawText(), StringComparison.Ordinal);
        Assert.Contains(Hosts.ForgerAddress, refusal.GetRawText(), StringComparison.Ordinal);
        Assert.Contains("550", refusal.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_blocked_sender_is_refused_and_listed()
    {
        await world.RunAsync("sender", "block", "jane@sender.test", "--alias", "blocked@alias.test");

        var reply = await world.TransactAsync(Hosts.SenderAddress, "jane@sender.test", "blocked@alias.test", Plain("<blocked@sender.test>"));
        var other = await world.TransactAsync(Hosts.SenderAddress, "jane@sender.test", "shop@alias.test", Plain("<elsewhere@sender.test>"));

        Assert.StartsWith("550 5.7.1", reply, StringComparison.Ordinal);
        Assert.StartsWith("250", other, StringComparison.Ordinal);
        await world.RefusalAsync("blocked@alias.test");
    }

    [Fact]
    public async Task An_alias_for_known_senders_holds_what_strangers_send()
    {
        await world.RunAsync("alias", "set", "only@alias.test", "--known-senders-only", "on");
        await world.RunAsync("sender", "allow", "jane@sender.test", "--alias", "only@alias.test");

        Assert.StartsWith("250", await world.TransactAsync(Hosts.SenderAddress, "jane@sender.test", "only@alias.test", Plain("<known@sender.test>")), StringComparison.Ordinal);
        Assert.StartsWith(
            "250", await world.TransactAsync(Hosts.SenderAddress, "eve@sender.test", "only@alias.test", Plain("<unknown@sender.test>").Replace("jane", "eve", StringComparison.Ordinal)), StringComparison.Ordinal);

        await world.AtHomeAsync("<known@sender.test>");
        await world.StoredAsync("only@alias.test", static entry => State(entry) == "held");
    }

    [Fact]
    public async Task A_catch_all_forwards_like_any_alias()
    {
        await Hosts.SendAsync(
            world.Hosts.Sender, "jane@sender.test", "whatever@catch.test",
            "From: Jane <jane@sender.test>\nTo: whatever@catch.test\nSubject: To whomever\nMessage-ID: <catch-all@sender.test>");

        var mail = await world.AtHomeAsync("<catch-all@sender.test>");

        // Nothing of catch.test is in DNS: the instance answers for it.
        await mail.AssertTrustedAsync("mx.smtpy.test", seals: 1);
        Assert.Equal("mx.smtpy.test", mail.From.Domain);
    }

    [Fact]
    public async Task A_mailbox_that_does_not_exist_fails_visibly_and_the_owner_alone_is_told()
    {
        await Hosts.SendAsync(
            world.Hosts.Sender, "jane@sender.test", "nobox@alias.test",
            "From: Jane <jane@sender.test>\nTo: nobox@alias.test\nSubject: To nobody\nMessage-ID: <nobox@sender.test>");

        var failed = await world.StoredAsync("nobox@alias.test", static entry => State(entry) == "failed");
        Assert.Contains("no such mailbox", failed.GetProperty("last_reply").GetString(), StringComparison.Ordinal);
        var told = await world.AtHomeAsync("nobox@alias.test");
        Assert.Equal("mx.smtpy.test", told.From.Domain);
        Assert.Equal(SmtpyProcess.User, told.Message.To.Mailboxes.Single().Address);

        // In every spelling of return paths and reports, and in none that a signature could have by chance.
        Assert.DoesNotContain(world.Hosts.Sender.Delivered(), static path => Regex.IsMatch(File.ReadAllText(path), "(nobox|nobody)[@=]"));
    }

    [Fact]
    public async Task Nobody_is_told_of_a_failure_of_mail_that_was_forged()
    {
        await world.RunAsync("alias", "set", "nobox@alias.test", "--on-dmarc-fail", "mark");
        Assert.StartsWith("250", await ForgeAsync("nobox", "<forged-nobox@sender.test>", "victim@sender.test"), StringComparison.Ordinal);

        await world.StoredAsync("nobox@alias.test", static entry => State(entry) == "failed" && entry.GetProperty("sender").GetString() == "victim@sender.test");
        await Hosts.SendAsync(
            world.Hosts.Sender, "jane@sender.test", "shop@alias.test",
            "From: Jane <jane@sender.test>\nTo: shop@alias.test\nSubject: Later\nMessage-ID: <later-than-forged@sender.test>");
        await world.AtHomeAsync("<later-than-forged@sender.test>");

        Assert.DoesNotContain("to=<victim@sender.test>", world.Hosts.Sender.MailLog, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bounce_that_comes_home_later_is_shown_with_its_message()
    {
        await Hosts.SendAsync(
            world.Hosts.Sender, "jane@sender.test", "later@alias.test",
            "From: Jane <jane@sender.test>\nTo: later@alias.test\nSubject: To someone who moved\nMessage-ID: <moved@sender.test>");

        await Until.TrueAsync(
            "the bounce is listed",
            async () => (await world.RunAsync("bounces", "list", "--json")).Contains("later@alias.test", StringComparison.Ordinal));

        var delivered = await world.StoryAsync("later@alias.test");
        Assert.Contains("moved@home.test", delivered, StringComparison.Ordinal);
        Assert.Contains("5.7.1", delivered, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mail_that_comes_round_again_is_refused_as_a_loop()
    {
        await Hosts.SendAsync(
            world.Hosts.Sender, "jane@sender.test", "round@alias.test",
            "From: Jane <jane@sender.test>\nTo: round@alias.test\nSubject: Round and round\nMessage-ID: <round@sender.test>");

        await Until.TrueAsync("the loop ends", () => world.Hosts.Home.MailLog.Contains("5.4.6", StringComparison.Ordinal));
        Assert.Single(world.Hosts.Home.MailLog.Split('\n'), static line => line.Contains("message-id=<round@sender.test>", StringComparison.Ordinal));
    }

    private static string? State(JsonElement entry) => entry.GetProperty("state").GetString();

    private Task<string> ForgeAsync(string alias, string id, string sender = "jane@sender.test") =>
        world.TransactAsync(Hosts.ForgerAddress, sender, $"{alias}@alias.test", Plain(id));

    private static string Plain(string id) => $"From: Jane <jane@sender.test>\nSubject: plain\nMessage-ID: {id}\n\nHello.\n";
}

[Collection(nameof(OnSqlite))]
public sealed class PolicyOnSqliteTests(SqliteWorld world) : PolicyScenarios(world);

[Collection(nameof(OnPostgres))]
public sealed class PolicyOnPostgresTests(PostgresWorld world) : PolicyScenarios(world);
