using Smtpy.Tests.Support;
using Smtpy.Tests.Support.Processes;
using Xunit;

namespace Smtpy.EndToEnd.Operation;

/// <summary>The README's first command: a message through an alias, shown, with nothing set up before.</summary>
public sealed class DemoTests
{
    [Fact]
    public async Task The_demo_shows_a_forwarded_message_stays_up_and_ends_when_asked()
    {
        using var folder = new TempFolder("demo");
        await using var demo = ChildProcess.Start(
            [Repository.SmtpyExecutable, "demo"],
            new Dictionary<string, string?>
            {
                ["SMTP_LISTEN"] = $"127.0.0.1:{Loopback.FreePort()}",
                ["SUBMISSION_LISTEN"] = $"127.0.0.1:{Loopback.FreePort()}",
                ["SUBMISSIONS_LISTEN"] = $"127.0.0.1:{Loopback.FreePort()}",
                ["API_LISTEN"] = $"127.0.0.1:{Loopback.FreePort()}",
                ["SMTPY_DATA"] = null,
            },
            folder.Path);

        await Until.TrueAsync(
            "the demo shows what came out\n" + demo.Log,
            () => demo.HasExited || (demo.Output.Contains("Delivered-To: shop@alias.example", StringComparison.Ordinal) && demo.Output.Contains("http://", StringComparison.Ordinal)));
        Assert.False(demo.HasExited, demo.Log);

        Assert.Equal(0, (await demo.StopAsync(Until.Patience)).ExitCode);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }
}
