using System.Text;
using Smtpy.Tests.Support.Processes;
using Smtpy.Tests.Support.Smtp;
using Xunit;

namespace Smtpy.EndToEnd.Operation;

/// <summary>Who runs embedded pays for nothing else: clients of other databases stay on the disk.</summary>
public sealed class EmbeddedStartTests
{
    [Fact]
    public async Task A_server_on_SQLite_loads_nothing_of_PostgreSQL_and_Redis()
    {
        await using var smtpy = await SmtpyProcess.StartAsync(new Dictionary<string, string?>(), Instance.Domain, Instance.Alias("shop", "me@mailbox.test"));
        using var conversation = await SmtpConversation.OpenAsync(smtpy.SmtpPort);
        Assert.StartsWith(
            "250", await conversation.TransactAsync("a@client.test", "shop@alias.test", Encoding.ASCII.GetBytes("Subject: x\r\n\r\nbody\r\n")), StringComparison.Ordinal);
        await smtpy.GetAsync("/api/v1/aliases", TestContext.Current.CancellationToken);

        var maps = await File.ReadAllTextAsync($"/proc/{smtpy.ProcessId}/maps", TestContext.Current.CancellationToken);
        Assert.Contains("Smtpy.Core.dll", maps, StringComparison.Ordinal);
        Assert.Contains("Microsoft.Data.Sqlite.dll", maps, StringComparison.Ordinal);
        Assert.DoesNotContain("Npgsql", maps, StringComparison.Ordinal);
        Assert.DoesNotContain("StackExchange.Redis", maps, StringComparison.Ordinal);
    }
}
