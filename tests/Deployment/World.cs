using System.Globalization;
using System.Text.Json;
using Smtpy.Tests.Support;

namespace Smtpy.Deployment;

/// <summary>
/// The world around the deployment: a Postfix that sends from a network of its own and reaches us only through the published port,
/// a Postfix that is the destination, and the DNS that both and we ask.
/// </summary>
internal sealed class World
{
    /// <summary>On our public network, at the end of its range: compose hands out addresses from the beginning.</summary>
    public const string Resolver = "172.28.255.53";

    private const string Stranger = "stranger@sender.test";
    private const string Destination = "172.28.255.25";

    /// <summary>Where the stranger's host takes mail, as we reach it: networks of the engine do not reach each other.</summary>
    private const string Sender = "172.28.255.26";

    /// <summary>From where connections to the published ports come, for us.</summary>
    private const string OurNetwork = "172.28.0.0/16";
    public const string OutsideNetwork = "smtpy-world";
    public const string OurPublicNetwork = Site.Project + "_public";
    private const string OutsideSubnet = "172.29.77.0/24";

    /// <summary>This machine, as that network sees it: where port 25 is published.</summary>
    private const string Machine = "172.29.77.1";
    public const string OutsideResolver = "172.29.77.53";
    private const string DnsContainer = "smtpy-world-dns";
    private const string DestinationContainer = "smtpy-world-dest";
    private const string SenderContainer = "smtpy-world-sender";

    private readonly TempFolder _zones = new("zones");

    public Authority Authority { get; } = new();

    public async Task StartAsync()
    {
        WriteZones();
        await Docker.RunAsync("network", "create", "--subnet", OutsideSubnet, OutsideNetwork);
        await Docker.RunAsync(
            "run", "--detach", "--name", DnsContainer, "--network", OutsideNetwork, "--ip", OutsideResolver,
            "--volume", _zones.Path + ":/zones:ro", "smtpy-peer-dns");
        await Docker.RunAsync("network", "connect", "--ip", Resolver, OurPublicNetwork, DnsContainer);
        await Docker.RunAsync(
            "run", "--detach", "--name", DestinationContainer, "--network", OurPublicNetwork, "--ip", Destination, "--dns", Resolver,
            "--env", "MAIL_HOST=mx.dest.test", "--env", $"MAIL_MAILBOXES={Site.Owner} {Site.LoadRecipient}", "smtpy-peer-mail");
        await Docker.RunAsync(
            "run", "--detach", "--name", SenderContainer, "--network", OutsideNetwork, "--dns", OutsideResolver,
            "--env", "MAIL_HOST=out.sender.test", "--env", "MAIL_MAILBOXES=" + Stranger, "smtpy-peer-mail");
        await Docker.RunAsync("network", "connect", "--ip", Sender, OurPublicNetwork, SenderContainer);
        foreach (var container in new[] { DnsContainer, DestinationContainer, SenderContainer })
        {
            await Until.TrueAsync(container, async () => await Docker.HealthAsync(container) == "healthy");
        }
    }

    /// <summary>Puts what `smtpy domain keys --json` says of the domain and the host into the zone of the alias domain, as its owner would.</summary>
    public async Task PublishAsync(params string[] keys)
    {
        WriteZones(string.Concat(keys.Select(Records)));
        await Docker.RunAsync("restart", DnsContainer);
        await Until.TrueAsync(DnsContainer, async () => await Docker.HealthAsync(DnsContainer) == "healthy");
    }

    /// <summary>A stranger's mail server takes a message from its user and finds its way to us by DNS.</summary>
    public static Task SendAsync(string id, string recipient) => HandInAsync(SenderContainer, Stranger, recipient, id, "from outside", "hello");

    /// <summary>The owner's mail server takes an answer from its user, with the owner's address in many places.</summary>
    public static Task AnswerAsync(string id, string recipient) => HandInAsync(
        DestinationContainer, Site.Owner, recipient, id, "an answer", $"Write to {Site.Owner}", "--header", $"Reply-To: {Site.Owner}", "--header", "X-Mailer: at mx.dest.test");

    private static Task<string> HandInAsync(string container, string from, string to, string id, string subject, string body, params string[] more) => Docker.RunAsync([
        "exec", container, "swaks", "--server", "127.0.0.1", "--from", from, "--to", to,
        "--header", $"Message-Id: <{id}>", "--header", $"Subject: {subject}", "--body", body, "--silent", "2", .. more]);

    /// <summary>The first message in the stranger's mailbox with this text, whole; waits for it.</summary>
    public static async Task<string> ReceivedByStrangerAsync(string text)
    {
        var found = "";
        await Until.TrueAsync(
            $"the stranger has {text}",
            async () =>
            {
                var result = await Docker.TryAsync(
                    "exec", SenderContainer, "sh", "-c", "cat \"$(grep --recursive --files-with-matches --fixed-strings -e \"$0\" /mail/sender.test/stranger/new | head -n 1)\"", text);
                found = result.ExitCode == 0 ? result.Output : "";
                return found.Length > 0;
            });
        return found;
    }

    /// <summary>Message-IDs in a mailbox of the destination.</summary>
    public static async Task<HashSet<string>> MailboxAsync(string localPart)
    {
        var found = await Docker.TryAsync(
            "exec", DestinationContainer, "grep", "--recursive", "--no-filename", "--ignore-case", "^message-id:", $"/mail/dest.test/{localPart}/new");
        return [.. found.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(static line => line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim())];
    }

    /// <summary>One whole message of a mailbox, its newest.</summary>
    public static Task<string> NewestAsync(string localPart) => Docker.RunAsync(
        "exec", DestinationContainer, "sh", "-c", $"cd /mail/dest.test/{localPart}/new && cat \"$(ls -t | head -n 1)\"");

    public static async Task<string> LogAsync()
    {
        var log = await Docker.TryAsync("logs", "--tail", "100", SenderContainer);
        return log.Output + log.Error;
    }

    public static async Task RemoveAsync()
    {
        await Docker.TryAsync("rm", "--force", "--volumes", DnsContainer, DestinationContainer, SenderContainer, Authority.Container);
        await Docker.TryAsync("network", "rm", OutsideNetwork);
    }

    private static string Records(string keys)
    {
        using var document = JsonDocument.Parse(keys);
        return string.Concat(document.RootElement.GetProperty("keys").EnumerateArray().Select(static key =>
            $"{key.GetProperty("record").GetString()}. TXT {Strings(key.GetProperty("value").GetString()!)}\n"));
    }

    /// <summary>255 octets are the longest string of a TXT record.</summary>
    private static string Strings(string text) => string.Join(' ', text.Chunk(255).Select(static part => $"\"{new string(part)}\""));

    private void WriteZones(string more = "")
    {
        const string policy = $"@ TXT \"v=spf1 mx ip4:{OurNetwork} -all\"\n_dmarc TXT \"v=DMARC1; p=reject\"\n";
        var names = new[]
        {
            Zone(Site.AliasDomain, $"@ MX 10 mx\nmx A {Machine}\n{policy}{more}"),
            Zone("dest.test", $"@ MX 10 mx\nmx A {Destination}\n{policy}"),
            Zone("sender.test", $"@ MX 10 in\nin A {Sender}\n{policy}"),

            // The root, with nothing in it: all other names do not exist.
            Zone("", ""),
        };
        File.WriteAllText(
            _zones.Combine("knot.conf"),
            $$"""
            server:
                listen: 0.0.0.0@53
                rundir: /run/knot
            log:
              - target: stdout
                any: info
            template:
              - id: default
                storage: /zones
                zonefile-sync: -1
                journal-content: none
            zone:
            {{string.Concat(names.Select(static name => $"  - domain: {name}.\n    file: zone-{name}\n"))}}
            """);
    }

    private string Zone(string name, string records)
    {
        File.WriteAllText(
            _zones.Combine("zone-" + name),
            string.Create(
                CultureInfo.InvariantCulture,
                $"$ORIGIN {name}.\n$TTL 60\n@ SOA ns root 1 3600 600 86400 60\n@ NS ns\nns A {OutsideResolver}\n{records}"));
        return name;
    }
}
