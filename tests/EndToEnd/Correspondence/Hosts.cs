using System.Text;
using Smtpy.Tests.Support;
using Smtpy.Tests.Support.Dns;
using Smtpy.Tests.Support.Processes;

namespace Smtpy.EndToEnd.Correspondence;

/// <summary>
/// The mail world around one SMTPy, on addresses of loopback and one port: a stranger's host that signs and rejects forgeries by DMARC,
/// the owner's mailbox provider with a checker of its own, and the name server that everybody asks.
/// </summary>
internal sealed class Hosts : IAsyncDisposable
{
    public const string SenderAddress = "127.0.0.2";
    public const string HomeAddress = "127.0.0.3";
    public const string ListAddress = "127.0.0.4";
    public const string ForgerAddress = "127.0.0.66";

    /// <summary>Where every address of the stranger's domains is read.</summary>
    public PostfixPeer Sender { get; private set; } = null!;

    /// <summary>Where the owner reads: home.test. What arrives was judged by <see cref="Checker"/>.</summary>
    public PostfixPeer Home { get; private set; } = null!;

    public NsdPeer Dns { get; private set; } = null!;

    public OpendkimPeer Signer { get; private set; } = null!;

    public RspamdPeer Checker { get; private set; } = null!;

    /// <param name="port">Of every host, SMTPy's too.</param>
    public static async Task<Hosts> StartAsync(int port, CancellationToken cancellationToken = default)
    {
        var hosts = new Hosts();
        try
        {
            hosts.Signer = await OpendkimPeer.StartAsync(["sender.test", "other.test", "home.test", "open.test", "lists.test"], cancellationToken);
            hosts.Dns = await NsdPeer.StartAsync(Zone(hosts.Signer), cancellationToken);
            hosts.Checker = await RspamdPeer.StartAsync(hosts.Dns.Port, cancellationToken);
            hosts.Sender = await PostfixPeer.StartAsync(
                "sender.test", Through(port, "sender.test, other.test, open.test"), new PostfixPlace(SenderAddress, port, hosts.Signer.Milter), cancellationToken);
            var home = Through(port, "home.test, example.net");
            home["smtpd_milters"] = hosts.Checker.Milter;
            home["milter_default_action"] = "tempfail";

            // Refused at the door; taken and found out later to be somewhere that does not take it; sent round again.
            home["smtpd_recipient_restrictions"] = "check_recipient_access inline:{ { nobody@home.test = 550 5.1.1 no such mailbox } }, permit_mynetworks, reject";
            home["virtual_alias_maps"] = "inline:{ { moved@home.test = gone@elsewhere.test } { round@home.test = round@alias.test } }";
            hosts.Home = await PostfixPeer.StartAsync("home.test", home, new PostfixPlace(HomeAddress, port, hosts.Signer.Milter), cancellationToken);
            return hosts;
        }
        catch
        {
            await hosts.DisposeAsync();
            throw;
        }
    }

    /// <summary>A user of one of the hosts sends: its host signs and hands the message on to SMTPy.</summary>
    /// <param name="head">Header fields, one a line; Date and MIME-Version are added.</param>
    public static async Task SendAsync(PostfixPeer host, string from, string to, string head, string body = "Hello.\n")
    {
        using var folder = new TempFolder();
        var file = folder.Combine("message.eml");
        var text = $"{head.TrimEnd()}\nDate: {TimeProvider.System.GetUtcNow():r}\n".Replace("GMT", "+0100", StringComparison.Ordinal)
            + (head.Contains("MIME-Version", StringComparison.Ordinal) ? "" : "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n")
            + "\n" + body;
        await File.WriteAllBytesAsync(file, Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\r\n")));
        (await PythonSmtplib.SendAsync(host.SubmissionPort, from, to, file)).MustSucceed();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var peer in new IAsyncDisposable?[] { Home, Sender, Checker, Dns, Signer })
        {
            if (peer is not null)
            {
                await peer.DisposeAsync();
            }
        }
    }

    private static Dictionary<string, string> Through(int port, string domains) => new()
    {
        ["virtual_mailbox_domains"] = domains,
        ["relayhost"] = $"[127.0.0.1]:{port}",
        ["minimal_backoff_time"] = "1s",
        ["maximal_backoff_time"] = "5s",
        ["queue_run_delay"] = "1s",
    };

    private static string Zone(OpendkimPeer signer) =>
        $"""
        sender.test. MX 10 mx.sender.test.
        sender.test. TXT "v=spf1 ip4:{SenderAddress} -all"
        _dmarc.sender.test. TXT "v=DMARC1; p=reject; adkim=s; aspf=s"
        mx.sender.test. A {SenderAddress}
        other.test. MX 10 mx.sender.test.
        other.test. TXT "v=spf1 ip4:{SenderAddress} -all"
        _dmarc.other.test. TXT "v=DMARC1; p=quarantine"
        open.test. MX 10 mx.sender.test.
        open.test. TXT "v=spf1 ip4:{SenderAddress} ~all"
        _dmarc.open.test. TXT "v=DMARC1; p=none"
        home.test. MX 10 mx.home.test.
        home.test. TXT "v=spf1 ip4:{HomeAddress} -all"
        _dmarc.home.test. TXT "v=DMARC1; p=reject"
        example.net. MX 10 mx.home.test.
        mx.home.test. A {HomeAddress}
        lists.test. MX 10 mx.lists.test.
        lists.test. TXT "v=spf1 ip4:{ListAddress} -all"
        mx.lists.test. A {ListAddress}
        alias.test. MX 10 mx.smtpy.test.
        alias.test. TXT "v=spf1 mx -all"
        _dmarc.alias.test. TXT "v=DMARC1; p=reject"
        _dmarc.mx.smtpy.test. TXT "v=DMARC1; p=reject"
        mx.smtpy.test. A 127.0.0.1
        mx.smtpy.test. TXT "v=spf1 a -all"
        {signer.Records}
        """;
}
