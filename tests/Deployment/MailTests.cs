using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using MimeKit;
using Smtpy.Tests.Support;
using Smtpy.Tests.Support.Processes;
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
        await site.World.PublishAsync(
            await site.SmtpyAsync($"domain keys {Site.AliasDomain} --json"), await site.SmtpyAsync($"domain keys mx.{Site.AliasDomain} --json"));
        await site.SmtpyAsync($"domain check {Site.AliasDomain}");
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
                "in the Maildir", async () => (await World.MailboxAsync("jane")).Contains("<first@sender.test>"));
        }
        catch (TimeoutException late)
        {
            throw new TimeoutException($"{late.Message}\n{await World.LogAsync()}\n{(await site.TryAsync("docker compose -f docker-compose.prod.yml logs --tail 40 smtp")).Output}", late);
        }

        site.Measured.Add(GuideRow.Connectivity, "the message arrived after " + StartTests.Seconds(started));
        var message = await World.NewestAsync("jane");
        Assert.Contains("X-Original-To: jane@dest.test", message, StringComparison.Ordinal);
        Assert.DoesNotContain("Return-Path: <stranger@sender.test>", message, StringComparison.Ordinal);
        Assert.Contains("Delivered-To: shop@alias.test", message, StringComparison.Ordinal);
        Assert.Contains("dmarc=pass", message, StringComparison.Ordinal);
        await AssertSignedAsync(message);
        site.ReverseAddress = await FromAsync(message);
        Assert.EndsWith("@" + Site.AliasDomain, site.ReverseAddress, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_to_it_reaches_the_stranger_from_the_alias_without_a_trace_of_the_mailbox()
    {
        Assert.NotEmpty(site.ReverseAddress);
        await World.AnswerAsync("answer@dest.test", site.ReverseAddress);

        var message = await World.ReceivedByStrangerAsync("Subject: an answer");

        Assert.Equal("shop@" + Site.AliasDomain, await FromAsync(message));
        Assert.DoesNotContain("dest.test", message, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(site.ReverseAddress, message, StringComparison.OrdinalIgnoreCase);
        await AssertSignedAsync(message);
    }

    [Theory]
    [InlineData(587, "--tls")]
    [InlineData(465, "--tls-on-connect")]
    public async Task A_mail_program_signs_in_and_sends_as_the_alias(int port, string tls)
    {
        using var created = JsonDocument.Parse(await site.SmtpyAsync($"smtp-password create --alias shop@{Site.AliasDomain} --json"));
        var password = created.RootElement.GetProperty("password").GetString()!;
        var subject = string.Create(CultureInfo.InvariantCulture, $"by port {port}");

        (await Swaks.SendAsync(
            port, "shop@" + Site.AliasDomain, "stranger@sender.test", tls, "--auth-user", "shop@" + Site.AliasDomain, "--auth-password", password,
            "--header", "From: shop@" + Site.AliasDomain, "--header", "Subject: " + subject)).MustSucceed();

        await AssertSignedAsync(await World.ReceivedByStrangerAsync("Subject: " + subject));
    }

    [Fact]
    public async Task The_story_of_a_message_is_there_to_read()
    {
        using var list = JsonDocument.Parse(await site.SmtpyAsync("queue list --state delivered --json"));
        var id = list.RootElement.EnumerateArray().First(static row => row.GetProperty("alias_address").GetString() == "shop@" + Site.AliasDomain).GetProperty("id").GetInt64();
        var story = await site.SmtpyAsync(string.Create(CultureInfo.InvariantCulture, $"queue show {id}"));
        Assert.Contains("dest.test", story, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Aliases_for_the_load_of_later_stages_come_from_a_file()
    {
        var rows = string.Join("\\n", site.LoadAliases.Select(static alias => $"{alias},{Site.LoadRecipient}"));
        await site.RunAsync($"printf 'alias,recipients\\n{rows}\\n' | docker compose -f docker-compose.prod.yml exec -T smtp smtpy import /dev/stdin");
    }

    [Fact]
    public async Task An_unknown_alias_is_refused_at_the_door()
    {
        using var conversation = await Tests.Support.Smtp.SmtpConversation.OpenAsync(25, TestContext.Current.CancellationToken);
        await conversation.CommandAsync("MAIL FROM:<a@sender.test>");
        Assert.StartsWith("550 5.1.1", await conversation.CommandAsync("RCPT TO:<nobody@alias.test>"), StringComparison.Ordinal);
    }

    /// <summary>By python3-dkim, which looks the keys up in the world's DNS.</summary>
    private static async Task AssertSignedAsync(string message)
    {
        var answer = await Dkimpy.VerifyAsync(Encoding.UTF8.GetBytes(message), 53, World.Resolver);
        Assert.Contains(answer.Signatures, static signature => signature.Domain == Site.AliasDomain);
        Assert.All(answer.Signatures, signature => Assert.True(signature.Passes, $"{signature}\n{message}"));
    }

    private static async Task<string> FromAsync(string message)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(message));
        return (await MimeMessage.LoadAsync(stream)).From.Mailboxes.Single().Address;
    }
}
