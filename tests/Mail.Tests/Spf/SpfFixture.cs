using System.Net;
using Smtpy.Mail.Spf;
using Smtpy.Mail.Tests.Dns;
using Smtpy.Tests.Support.ScriptedPeer;
using Xunit;

namespace Smtpy.Mail.Tests.Spf;

/// <summary>One check against a zone of "name TYPE value" lines. The sender is jane@s.example unless said otherwise.</summary>
internal static class SpfFixture
{
    public const string Client = "192.0.2.1";

    public static async Task<SpfOutcome> CheckAsync(
        MemoryZone zone, string client = Client, string from = "jane@s.example", string helo = "mx.s.example", SpfOptions? options = null) =>
        await new SpfVerifier(zone, options ?? new SpfOptions(), new ManualTime())
            .CheckAsync(new SpfRequest(IPAddress.Parse(client), helo, from), TestContext.Current.CancellationToken);

    /// <summary>The result for a record of s.example and the lines of a zone, divided by "; ".</summary>
    public static Task<SpfOutcome> CheckRecordAsync(string record, string zone = "", string client = Client) =>
        CheckAsync(Zone(record, zone), client);

    public static MemoryZone Zone(string record, string zone = "")
    {
        var made = new MemoryZone("s.example TXT " + record);
        foreach (var line in zone.Split("; ", StringSplitOptions.RemoveEmptyEntries))
        {
            made.Add(line);
        }

        return made;
    }
}
