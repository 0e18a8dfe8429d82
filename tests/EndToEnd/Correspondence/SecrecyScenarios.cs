using System.Text;
using MimeKit;
using MimeKit.Cryptography;
using Smtpy.Tests.Support;
using Smtpy.Tests.Support.Processes;
using Xunit;

namespace Smtpy.EndToEnd.Correspondence;

/// <summary>Encryption to the recipient, and transport that the sender insists on.</summary>
public abstract class SecrecyScenarios(MailWorld world)
{
    private const string Words = "the launch code is 0000";

    [Fact]
    public async Task What_a_mailbox_with_a_key_gets_only_its_key_opens()
    {
        await SendAsync("secret", "<pgp@sender.test>");

        var mail = await world.AtHomeAsync("<pgp@sender.test>");

        Assert.IsType<MultipartEncrypted>(mail.Message.Body);
        Assert.DoesNotContain(Words, mail.Source, StringComparison.Ordinal);
        await mail.AssertTrustedAsync("alias.test", seals: 1);
        using var octets = new MemoryStream();
        ((MimePart)((MultipartEncrypted)mail.Message.Body!)[1]).Content!.DecodeTo(octets);
        Assert.Contains(Words, await world.Keys.DecryptAsync(octets.ToArray()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_encrypted_any_more_is_held_and_never_leaves_in_clear()
    {
        await Until.TrueAsync("the key has expired", () => TimeProvider.System.GetUtcNow() > world.StaleAt);
        await SendAsync("stale", "<stale@sender.test>");

        var held = await world.StoredAsync("stale@alias.test", static entry => entry.GetProperty("state").GetString() == "held");

        Assert.Contains("expired", held.GetProperty("reason").GetString(), StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<stale@sender.test>", world.Hosts.Home.MailLog, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_that_demands_tls_is_not_handed_to_a_host_without_it()
    {
        Assert.StartsWith("250", await DemandAsync("sealed", "<demanded@sender.test>"), StringComparison.Ordinal);

        var failed = await world.StoredAsync("sealed@alias.test", static entry => entry.GetProperty("state").GetString() == "failed");

        Assert.Contains("5.7.", failed.GetProperty("last_reply").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("<demanded@sender.test>", world.Hosts.Home.MailLog, StringComparison.Ordinal);
    }

    private Task SendAsync(string alias, string id) => Hosts.SendAsync(
        world.Hosts.Sender, "jane@sender.test", $"{alias}@alias.test",
        $"From: Jane <jane@sender.test>\nTo: {alias}@alias.test\nSubject: A secret\nMessage-ID: {id}", Words + "\n");

    private async Task<string> DemandAsync(string alias, string id)
    {
        using var folder = new TempFolder();
        var file = folder.Combine("message.eml");
        await File.WriteAllBytesAsync(file, Encoding.ASCII.GetBytes($"From: Jane <jane@sender.test>\r\nSubject: demanding\r\nMessage-ID: {id}\r\n\r\nHello.\r\n"));
        return await PythonSmtplib.DemandTlsAsync(world.Port, Hosts.SenderAddress, "jane@sender.test", $"{alias}@alias.test", file);
    }
}

[Late]
[Collection(nameof(OnSqlite))]
public sealed class SecrecyOnSqliteTests(SqliteWorld world) : SecrecyScenarios(world);

[Late]
[Collection(nameof(OnPostgres))]
public sealed class SecrecyOnPostgresTests(PostgresWorld world) : SecrecyScenarios(world);
