using Smtpy.Mail.Dmarc;
using Smtpy.Mail.Spf;
using Smtpy.Mail.Tests.Dns;
using Smtpy.Tests.Support.ScriptedPeer;
using Xunit;

namespace Smtpy.Mail.Tests.Dmarc;

internal static class DmarcFixture
{
    /// <summary>Lines of <see cref="MemoryZone"/> divided by " | "; "d.example = TAGS" is short for a record with "v=DMARC1".</summary>
    public static MemoryZone Zone(string lines)
    {
        var zone = new MemoryZone();
        foreach (var line in lines.Split(" | ", StringSplitOptions.RemoveEmptyEntries))
        {
            var sign = line.IndexOf(" = ", StringComparison.Ordinal);
            zone.Add(sign < 0 ? line : $"_dmarc.{line[..sign]} TXT v=DMARC1; {line[(sign + 3)..]}");
        }

        return zone;
    }

    public static async Task<DmarcOutcome> EvaluateAsync(
        MemoryZone zone, string from, string spf = "", string dkim = "", SpfResult spfResult = SpfResult.Pass, string undecided = "") =>
        await new DmarcVerifier(zone, new DmarcOptions(), new ManualTime()).EvaluateAsync(
            new DmarcRequest(Words(from), spf.Length == 0 ? SpfResult.None : spfResult, spf, Words(dkim), Words(undecided)),
            TestContext.Current.CancellationToken);

    public static Task<DmarcOutcome> EvaluateAsync(string zone, string from, string spf = "", string dkim = "") =>
        EvaluateAsync(Zone(zone), from, spf, dkim);

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
