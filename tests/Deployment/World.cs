using System.Globalization;
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

    private const string Destination = "172.28.255.25";
    private const string OutsideNetwork = "smtpy-world";
    private const string OutsideSubnet = "172.29.77.0/24";

    /// <summary>This machine, as that network sees it: where port 25 is published.</summary>
    private const string Machine = "172.29.77.1";
    private const string OutsideResolver = "172.29.77.53";
    private const string DnsContainer = "smtpy-world-dns";
    private const string DestinationContainer = "smtpy-world-dest";
    private const string SenderContainer = "smtpy-world-sender";

    private readonly TempFolder _zones = new("zones");

    public async Task StartAsync()
    {
        WriteZones();
        await Docker.RunAsync("network", "create", "--subnet", OutsideSubnet, OutsideNetwork);
        await Docker.RunAsync(
            "run", "--detach", "--name", DnsContainer, "--network", OutsideNetwork, "--ip", OutsideResolver,
            "--volume", _zones.Path + ":/zones:ro", "smtpy-lab/dnspeer");
        await Docker.RunAsync("network", "connect", "--ip", Resolver, "smtpy_public", DnsContainer);
        await Docker.RunAsync(
            "run", "--detach", "--name", DestinationContainer, "--network", "smtpy_public", "--ip", Destination, "--dns", Resolver,
            "--env", "MAILPEER_HOSTNAME=mx.dest.test", "--env", "MAILPEER_DOMAINS=dest.test", "smtpy-lab/mailpeer");
        await Docker.RunAsync(
            "run", "--detach", "--name", SenderContainer, "--network", OutsideNetwork, "--dns", OutsideResolver,
            "--env", "MAILPEER_HOSTNAME=out.sender.test", "smtpy-lab/mailpeer");
        foreach (var container in new[] { DnsContainer, DestinationContainer, SenderContainer })
        {
            await Until.TrueAsync(container, async () => await Docker.HealthAsync(container) == "healthy", TimeSpan.FromMinutes(1));
        }
    }

    /// <summary>A stranger's mail server takes a message from its user and finds its way to us by DNS.</summary>
    public static Task SendAsync(string id, string recipient) => Docker.RunAsync(
        "exec", SenderContainer, "swaks", "--server", "127.0.0.1", "--from", "stranger@sender.test", "--to", recipient,
        "--header", $"Message-Id: <{id}>", "--header", "Subject: from outside", "--body", "hello", "--silent", "2");

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
        await Docker.TryAsync("rm", "--force", "--volumes", DnsContainer, DestinationContainer, SenderContainer);
        await Docker.TryAsync("network", "rm", OutsideNetwork);
    }

    private void WriteZones()
    {
        Zone(Site.AliasDomain, $"@ MX 10 mx\nmx A {Machine}\n");
        Zone("dest.test", $"@ MX 10 mx\nmx A {Destination}\n");
        Zone("sender.test", $"@ MX 10 out\nout A {Machine}\n");
    }

    private void Zone(string name, string records) => File.WriteAllText(
        _zones.Combine(name + ".zone"),
        string.Create(CultureInfo.InvariantCulture, $"$ORIGIN {name}.\n$TTL 60\n@ SOA ns.{name}. root.{name}. 1 3600 600 86400 60\n@ NS ns\nns A {OutsideResolver}\n{records}"));
}
