using System.CommandLine;
using Smtpy.Core;
using Smtpy.Core.Domains;
using Smtpy.Core.Domains.Records;
using Smtpy.Core.Storage;
using Smtpy.Mail.Client;
using Smtpy.Mail.Dns;
using Smtpy.Mail.Server;
using Smtpy.Server.Configuration;
using Smtpy.Server.Doctor;
using Smtpy.Server.Hosting;
using Smtpy.Smtp.Deliver;

namespace Smtpy.Server.Commands;

internal static class DoctorCommand
{
    public static Command Create(Option<bool> json)
    {
        var command = new Command("doctor", "Look at folder, database, ports, TLS, clock and DNS; exit code 0 when nothing is broken");
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var findings = await ExamineAsync(cancellationToken);
            var output = new Output(parsed.GetValue(json));
            output.List(findings, "", ("", static f => Word(f.Verdict)), ("looked at", static f => f.About), ("found", static f => f.Detail));
            return findings.Any(static f => f.Verdict == Verdict.Broken) ? 1 : 0;
        });
        return command;
    }

    private static async Task<List<Finding>> ExamineAsync(CancellationToken cancellationToken)
    {
        var settings = Settings.Read(CommandEnvironment.Settings());
        var local = new LocalExamination(settings, TimeProvider.System);
        var findings = new List<Finding> { local.Clock(), local.Folder() };
        if (findings[^1].Verdict == Verdict.Broken)
        {
            return findings;
        }

        await using var services = new ServiceCollection().AddSingleton(TimeProvider.System).AddMetrics().AddLogging()
            .AddSmtpyStorage(settings).AddSmtpyResolver(settings).AddDomainRecords().BuildServiceProvider();
        var database = await LocalExamination.DatabaseAsync(services.GetRequiredService<IDatabase>(), cancellationToken);
        findings.Add(database);
        foreach (var listener in MailListeners.Of(settings))
        {
            findings.Add(await LocalExamination.PortAsync(
                MailListeners.Setting(listener.Kind), listener.EndPoint, "220", "QUIT\r\n", cancellationToken,
                tls: listener.Kind == ListenerKind.SubmissionTls));
        }

        findings.Add(await LocalExamination.PortAsync(
            "API_LISTEN", settings.ApiListen, "HTTP/1.1", "GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", cancellationToken));
        findings.Add(local.Tls());
        var dns = new DnsExamination(settings, services.GetRequiredService<IMailResolver>());
        findings.Add(await dns.HostnameAsync(cancellationToken));
        var isAnswered = findings[^1].Verdict != Verdict.Broken;
        if (settings.Delivery.Relay is { } relay)
        {
            findings.Add(await RelayAsync(settings, relay, cancellationToken));
        }

        // A resolver that is silent once is so for every name, and each takes its time to be given up.
        if (database.Verdict == Verdict.Ok && isAnswered)
        {
            var examine = services.GetRequiredService<ExamineDomain>();
            findings.Add(await DnsExamination.RecordsAsync(examine, settings.Hostname, cancellationToken));
            foreach (var domain in await services.GetRequiredService<ListDomains>().RunAsync(cancellationToken))
            {
                findings.Add(await DnsExamination.RecordsAsync(examine, domain.Name, cancellationToken));
            }
        }

        return findings;
    }

    private static async Task<Finding> RelayAsync(Settings settings, RelayTarget relay, CancellationToken cancellationToken)
    {
        var client = new SmtpClientOptions { Hostname = settings.Hostname };
        var (works, found) = await RelayProbe.TryAsync(relay, client, TimeProvider.System, cancellationToken);
        return works ? Finding.Ok($"relay {relay}", found) : Finding.Broken($"relay {relay}", found + "; see SMTP_RELAY");
    }

    private static string Word(Verdict verdict) => verdict switch
    {
        Verdict.Ok => "ok",
        Verdict.Warning => "warning",
        _ => "BROKEN",
    };
}
