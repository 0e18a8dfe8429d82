using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Smtpy.Tests.Support;
using Xunit;

namespace Smtpy.Deployment;

/// <summary>What it is for: an alias made over the API, a stranger's message through port 25, the recipient's Maildir.</summary>
[Stage(3)]
public sealed class MailTests(Site site)
{
    [Fact]
    public async Task The_operator_makes_an_account_a_domain_and_a_key()
    {
        await site.SmtpyAsync($"user add {Site.Owner} --admin");
        await site.SmtpyAsync($"domain add {Site.AliasDomain} --user {Site.Owner}");
        await site.SmtpyAsync($"alias add shop@{Site.AliasDomain} --to {Site.Owner}");
        var created = await site.SmtpyAsync($"apikey create --user {Site.Owner} --name deployment --json");
        using var document = JsonDocument.Parse(created);
        site.ApiKey = document.RootElement.GetProperty("token").GetString()!;
        Assert.Matches("^[a-zA-Z0-9]{40,60}$", site.ApiKey);
    }

    [Fact]
    public async Task An_alias_made_over_the_API_is_known_to_every_replica()
    {
        using var web = new Web { Key = site.ApiKey };
        using var response = await web.SendAsync(
            HttpMethod.Post, "api/v1/aliases", $$"""{"domain":"{{Site.AliasDomain}}","format":"custom","local_part":"web","description":"from the test"}""");
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.Created, text);
        using var document = JsonDocument.Parse(text);
        var id = document.RootElement.GetProperty("data").GetProperty("id").GetString();
        foreach (var replica in await site.ContainersAsync("api"))
        {
            var networks = (await Docker.InspectAsync(replica)).GetProperty("NetworkSettings").GetProperty("Networks");
            var address = networks.GetProperty("smtpy_public").GetProperty("IPAddress").GetString();
            Assert.Equal(HttpStatusCode.OK, (await web.GetAsync($"http://{address}:8000/api/v1/aliases/{id}")).Status);
        }

        web.Key = null;
        Assert.Equal(HttpStatusCode.Unauthorized, (await web.GetAsync("api/v1/aliases")).Status);
    }

    [Fact]
    public async Task A_message_from_outside_comes_through_port_25_and_ends_in_the_recipients_Maildir()
    {
        var started = Stopwatch.GetTimestamp();
        await World.SendAsync("first@sender.test", "shop@" + Site.AliasDomain);
        try
        {
            await Until.TrueAsync(
                "in the Maildir", async () => (await World.MailboxAsync("jane")).Contains("<first@sender.test>"), TimeSpan.FromMinutes(1));
        }
        catch (TimeoutException late)
        {
            throw new TimeoutException($"{late.Message}\n{await World.LogAsync()}\n{(await site.TryAsync("docker compose -f docker-compose.prod.yml logs --tail 40 smtp")).Output}", late);
        }

        site.Measured.Add("End-to-end deployment", "a message from an outside Postfix through port 25 into the destination Postfix's Maildir", StartTests.Seconds(started));
        var message = await World.NewestAsync("jane");
        Assert.Contains("X-Original-To: jane@dest.test", message, StringComparison.Ordinal);
        Assert.DoesNotContain("Return-Path: <stranger@sender.test>", message, StringComparison.Ordinal);
        Assert.Contains("by mx.alias.test", message, StringComparison.Ordinal);
        Assert.Contains("TLS", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Aliases_for_the_load_of_later_stages_come_from_a_file()
    {
        var rows = string.Join("\\n", site.LoadAliases.Select(static alias => alias + ",load@dest.test"));
        await site.RunAsync($"printf 'alias,recipients\\n{rows}\\n' | docker compose -f docker-compose.prod.yml exec -T smtp smtpy import /dev/stdin");
    }

    [Fact]
    public async Task An_unknown_alias_is_refused_at_the_door()
    {
        using var conversation = await Tests.Support.Smtp.SmtpConversation.OpenAsync(25, TestContext.Current.CancellationToken);
        await conversation.CommandAsync("MAIL FROM:<a@sender.test>");
        Assert.StartsWith("550 5.1.1", await conversation.CommandAsync("RCPT TO:<nobody@alias.test>"), StringComparison.Ordinal);
    }
}
