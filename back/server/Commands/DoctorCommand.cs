using System.CommandLine;
using Smtpy.Core.Domains;
using Smtpy.Core.Storage;
using Smtpy.Mail.Dns;
using Smtpy.Server.Configuration;
using Smtpy.Server.Doctor;
using Smtpy.Server.Hosting;

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
            .AddSmtpyStorage(settings).AddSmtpyResolver(settings).BuildServiceProvider();
        var database = await LocalExamination.DatabaseAsync(services.GetRequiredService<IDatabase>(), cancellationToken);
        findings.Add(database);
        findings.Add(await LocalExamination.PortAsync("SMTP_LISTEN", settings.SmtpListen, "220", "QUIT\r\n", cancellationToken));
        findings.Add(await LocalExamination.PortAsync(
            "API_LISTEN", settings.ApiListen, "HTTP/1.1", "GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", cancellationToken));
        findings.Add(local.Tls());
        var dns = new DnsExamination(settings, services.GetRequiredService<IMailResolver>());
        findings.Add(await dns.HostnameAsync(cancellationToken));
        if (database.Verdict == Verdict.Ok)
        {
            foreach (var domain in await services.GetRequiredService<ListDomains>().RunAsync(cancellationToken))
            {
                findings.Add(await dns.DomainAsync(domain.Name, cancellationToken));
            }
        }

        return findings;
    }

    private static string Word(Verdict verdict) => verdict switch
    {
        Verdict.Ok => "ok",
        Verdict.Warning => "warning",
        _ => "BROKEN",
    };
}
