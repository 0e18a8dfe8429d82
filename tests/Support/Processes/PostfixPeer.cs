using System.Globalization;

namespace Smtpy.Tests.Support.Processes;

/// <summary>
/// A real Postfix on a private loopback port, with its own configuration, queue and data folders, delivering everything for
/// one domain into one Maildir (or handing it on). The machine's own Postfix is not touched.
/// </summary>
/// <remarks>
/// Postfix's supervisor ("master") refuses to run as anybody but root ("reserved for the superuser"), and its delivery agent
/// changes user; so the supervisor starts as root and every program that speaks to the network (smtpd, cleanup, qmgr, smtp)
/// runs as the unprivileged user "postfix" (column "unpriv" of master.cf), as on any Debian. Ready in about 60 ms, no chroot.
/// </remarks>
public sealed class PostfixPeer : IAsyncDisposable
{
    private static readonly string[] QueueFolders =
    [
        "active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private", "saved", "trace", "public", "maildrop",
    ];

    private readonly TempFolder _folder = new("postfix");
    private ChildProcess? _master;

    private readonly PostfixPlace _place;

    private PostfixPeer(string domain, PostfixPlace place)
    {
        Domain = domain;
        _place = place;
        Port = place.Port ?? Loopback.FreePort();
        SubmissionPort = Loopback.FreePort();
    }

    public int Port { get; }

    /// <summary>Where its own users hand in mail; with <see cref="PostfixPlace.SubmissionMilter"/> only.</summary>
    public int SubmissionPort { get; }

    public string Domain { get; }

    public string MailLog => File.ReadAllText(_folder.Combine("mail.log"));

    /// <param name="domain">Domain it is the destination of.</param>
    /// <param name="settings">Further lines of main.cf, e.g. <c>relayhost</c>; the last of two with one name counts.</param>
    /// <param name="place">Its address; 127.0.0.1 and a free port when null.</param>
    public static async Task<PostfixPeer> StartAsync(
        string domain = "peer.test", IReadOnlyDictionary<string, string>? settings = null, PostfixPlace? place = null,
        CancellationToken cancellationToken = default)
    {
        RequiredPackages.Need("postfix");
        var peer = new PostfixPeer(domain, place ?? new PostfixPlace());
        try
        {
            await peer.WriteConfigurationAsync(settings ?? new Dictionary<string, string>(), cancellationToken);
            await peer.StartMasterAsync(cancellationToken);
            return peer;
        }
        catch
        {
            await peer.DisposeAsync();
            throw;
        }
    }

    /// <summary>Paths of the messages delivered so far, oldest first.</summary>
    public IReadOnlyList<string> Delivered()
    {
        var folder = _folder.Combine("mail/inbox/new");
        return Directory.Exists(folder) ? [.. Directory.GetFiles(folder).OrderBy(File.GetLastWriteTimeUtc)] : [];
    }

    /// <summary>Waits until a message with this text was delivered; gives its octets as they lie in the Maildir (LF line ends).</summary>
    public Task<byte[]> WaitForAsync(string text, CancellationToken cancellationToken = default) => WaitForAsync([text], cancellationToken);

    /// <summary>The same, with all of these texts.</summary>
    public async Task<byte[]> WaitForAsync(IReadOnlyList<string> texts, CancellationToken cancellationToken = default)
    {
        byte[]? found = null;

        // What lies in "new" is whole and stays as it is, so one look is enough; some are large.
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var wanted = texts.Select(System.Text.Encoding.UTF8.GetBytes).ToArray();
        await Until.TrueAsync(
            $"Postfix delivered {string.Join(" and ", texts)}\n{(File.Exists(_folder.Combine("mail.log")) ? MailLog : "")}",
            async () =>
            {
                foreach (var path in Delivered().Where(seen.Add))
                {
                    var octets = await File.ReadAllBytesAsync(path, cancellationToken);
                    if (wanted.All(text => octets.AsSpan().IndexOf(text) >= 0))
                    {
                        found = octets;
                    }
                }

                return found is not null;
            },
            cancellationToken: cancellationToken);
        return found!;
    }

    public async ValueTask DisposeAsync()
    {
        if (_master is { HasExited: false } && int.TryParse(await ReadPidAsync(), CultureInfo.InvariantCulture, out var pid))
        {
            // master ends its children on SIGTERM; sent by root's kill because the tests may run as somebody else.
            await ChildProcess.RunAsync(Privileges.AsRoot("kill", pid.ToString(CultureInfo.InvariantCulture)));
            await _master.WaitAsync(Until.Patience);
        }

        if (_master is not null)
        {
            await _master.DisposeAsync();
        }

        await ChildProcess.RunAsync(Privileges.AsRoot("rm", "-rf", _folder.Path));
        _folder.Dispose();
    }

    private async Task<string> ReadPidAsync()
    {
        var result = await ChildProcess.RunAsync(Privileges.AsRoot("cat", _folder.Combine("queue/pid/master.pid")));
        return result.Output.Trim();
    }

    private async Task StartMasterAsync(CancellationToken cancellationToken)
    {
        // -d: stays in the foreground, so that it is our child and ends with us.
        _master = ChildProcess.Start(
            Privileges.AsRoot("setsid", "/usr/lib/postfix/sbin/master", "-c", _folder.Combine("conf"), "-d"));
        await Until.TrueAsync(
            "Postfix listens", async () => _master.HasExited || await Loopback.AnswersAsync(Port, cancellationToken, _place.Address),
            cancellationToken: cancellationToken);
        if (_master.HasExited)
        {
            throw new InvalidOperationException("Postfix ended at its start:\n" + _master.Log + MailLog);
        }
    }

    private async Task WriteConfigurationAsync(IReadOnlyDictionary<string, string> settings, CancellationToken cancellationToken)
    {
        var conf = _folder.Folder("conf");
        await File.WriteAllTextAsync(Path.Combine(conf, "main.cf"), MainConfiguration(settings), cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(conf, "master.cf"), MasterConfiguration(), cancellationToken);
        await File.WriteAllTextAsync(_folder.Combine("mail.log"), "", cancellationToken);
        foreach (var name in QueueFolders.Append("pid"))
        {
            _folder.Folder("queue/" + name);
        }

        _folder.Folder("data");
        _folder.Folder("mail");
        var script =
            $"""
             set -e
             cd {_folder.Path}
             chmod 700 {string.Join(' ', QueueFolders.Select(name => "queue/" + name))}
             chmod 710 queue/public; chmod 730 queue/maildrop
             chown -R root:root conf queue/pid mail.log; chown root:root queue
             chown postfix {string.Join(' ', QueueFolders.Select(name => "queue/" + name))}
             chgrp postdrop queue/maildrop queue/public
             chown postfix:postfix data mail
             chmod 755 mail
             """;
        (await ChildProcess.RunAsync(Privileges.AsRoot("sh", "-c", script), cancellationToken: cancellationToken)).MustSucceed();
    }

    private string MainConfiguration(IReadOnlyDictionary<string, string> settings)
    {
        var own = $"""
            compatibility_level = 3.6
            config_directory = {_folder.Combine("conf")}
            queue_directory = {_folder.Combine("queue")}
            data_directory = {_folder.Combine("data")}
            maillog_file = {_folder.Combine("mail.log")}
            maillog_file_prefixes = {_folder.Path}
            mail_owner = postfix
            setgid_group = postdrop
            myhostname = mx.{Domain}
            mydestination =
            local_recipient_maps =
            mynetworks = 127.0.0.0/8
            inet_interfaces = 127.0.0.1
            smtp_bind_address = {_place.Address}
            inet_protocols = ipv4
            smtputf8_enable = yes
            message_size_limit = 0
            virtual_mailbox_limit = 0
            header_size_limit = 104857600
            line_length_limit = 1048576
            virtual_mailbox_domains = {Domain}
            virtual_mailbox_base = {_folder.Combine("mail")}
            virtual_mailbox_maps = static:inbox/
            virtual_uid_maps = static:{UserId("postfix")}
            virtual_gid_maps = static:{UserId("postfix", 3)}
            disable_dns_lookups = yes
            local_header_rewrite_clients =
            in_flow_delay = 0
            """;
        return own + "\n" + string.Concat(settings.Select(setting => $"{setting.Key} = {setting.Value}\n"));
    }

    private string MasterConfiguration() =>
        $"""
         {_place.Address}:{Port.ToString(CultureInfo.InvariantCulture)} inet n - n - - smtpd
         {Submission}
         cleanup unix n - n - 0 cleanup
         qmgr unix n - n 300 1 qmgr
         rewrite unix - - n - - trivial-rewrite
         bounce unix - - n - 0 bounce
         defer unix - - n - 0 bounce
         trace unix - - n - 0 bounce
         verify unix - - n - 1 verify
         proxymap unix - - n - - proxymap
         smtp unix - - n - - smtp
         relay unix - - n - - smtp
         error unix - - n - - error
         retry unix - - n - - error
         discard unix - - n - - discard
         virtual unix - n n - - virtual
         anvil unix - - n - 1 anvil
         postlog unix-dgram n - n - 1 postlogd

         """;

    private string Submission => _place.SubmissionMilter is { } milter
        ? $"127.0.0.1:{SubmissionPort.ToString(CultureInfo.InvariantCulture)} inet n - n - - smtpd -o smtpd_milters={milter}"
        : "";

    private static string UserId(string user, int column = 2) =>
        File.ReadLines("/etc/passwd").First(line => line.StartsWith(user + ":", StringComparison.Ordinal)).Split(':')[column];
}

/// <summary>Where a Postfix stands, so that several can be told apart on one machine: by address, with one port, as on the internet.</summary>
/// <param name="Address">In 127.0.0.0/8; it also sends from there.</param>
/// <param name="Port">A free one when null.</param>
/// <param name="SubmissionMilter">E.g. <c>inet:127.0.0.1:8891</c>; opens a second port whose mail goes through it.</param>
public sealed record PostfixPlace(string Address = "127.0.0.1", int? Port = null, string? SubmissionMilter = null);
