using System.CommandLine;
using System.Globalization;
using Smtpy.Core.Backups;
using Smtpy.Server.Backups;
using Smtpy.Server.Hosting;

namespace Smtpy.Server.Commands;

internal static class BackupCommand
{
    public static Command Create(Option<bool> json)
    {
        var file = new Argument<FileInfo>("file") { Description = "where to write it (a tar, compressed by gzip)" };
        var force = new Option<bool>("--force") { Description = "replace a file that is there" };
        var command = new Command("backup", "Write database and keys into one file, beside a running server (embedded database only)") { file, force };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var output = new Output(parsed.GetValue(json));
            var instance = EmbeddedInstance.Read();
            if (!instance.Succeeded)
            {
                return output.Fail(instance.Problem.Message);
            }

            var path = parsed.GetRequiredValue(file).FullName;
            try
            {
                var request = new BackupRequest(
                    path, parsed.GetValue(force), instance.Value.DataFolder, RunningServer.Version, instance.Value.SecretCheck());
                var outcome = await new TakeBackup(TimeProvider.System).RunAsync(instance.Value.Database, request, cancellationToken);
                return output.Show(outcome, report => (Json(report, instance.Value), Text(report, instance.Value)));
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                return output.Fail(FileProblem.Writing(path, failure));
            }
        });
        return command;
    }

    private static object Json(BackupReport report, EmbeddedInstance instance) => new
    {
        report.File,
        Octets = report.Size,
        report.Manifest.MadeAt,
        report.Manifest.Migration,
        report.Manifest.Holds,
        report.Manifest.Entries,
        NotIncluded = instance.Outside,
    };

    private static string Text(BackupReport report, EmbeddedInstance instance)
    {
        var holds = Holds(report.Manifest.Holds!);
        var names = string.Join(", ", report.Manifest.Entries.Select(static e => string.Create(CultureInfo.InvariantCulture, $"{e.Name} ({e.Size})")));
        return string.Create(CultureInfo.InvariantCulture, $"{report.File}: {report.Size} octets, with {holds}\nin it: {names}")
            + (instance.Outside.Count > 0 ? "\nnot in it, keep it yourself: " + string.Join("; ", instance.Outside) : "");
    }

    internal static string Holds(BackupCounts counts) =>
        $"{Output.Count(counts.Accounts, "account", "accounts")}, {Output.Count(counts.Domains, "domain", "domains")}, "
        + $"{Output.Count(counts.Aliases, "alias", "aliases")} and {Output.Count(counts.Waiting, "delivery", "deliveries")} waiting";
}
