using System.CommandLine;
using System.Globalization;
using Smtpy.Core.Backups;
using Smtpy.Core.Storage;
using Smtpy.Core.Storage.Sqlite;
using Smtpy.Server.Backups;

namespace Smtpy.Server.Commands;

internal static class RestoreCommand
{
    private const string OtherSecret =
        "SECRET_KEY is not the one it was made with: signing keys will not open and older reverse addresses not work; set the old one before you start the server";

    public static Command Create(Option<bool> json)
    {
        var file = new Argument<FileInfo>("file") { Description = "what smtpy backup wrote" };
        var hold = new Option<bool>("--hold-queue")
        {
            Description = "hold mail that waited then, for smtpy queue release; else it is delivered, though it may have been since the backup",
        };
        var command = new Command("restore", "Put the data folder back as it was when a backup was made; the server must be stopped") { file, hold };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var output = new Output(parsed.GetValue(json));
            var instance = EmbeddedInstance.Read();
            return instance.Succeeded
                ? await RestoreAsync(output, instance.Value, parsed.GetRequiredValue(file).FullName, parsed.GetValue(hold), cancellationToken)
                : output.Fail(instance.Problem.Message);
        });
        return command;
    }

    private static async Task<int> RestoreAsync(
        Output output, EmbeddedInstance instance, string path, bool holdsQueue, CancellationToken cancellationToken)
    {
        try
        {
            var request = new RestoreRequest(path, instance.DataFolder, instance.Database, DatabaseWith, holdsQueue);
            var outcome = await new RestoreBackup(TimeProvider.System).RunAsync(request, cancellationToken);
            return output.Show(outcome, report =>
            {
                var warning = report.Manifest.SecretCheck is { } check && check != EmbeddedInstance.Read().Value?.SecretCheck() ? OtherSecret : null;
                return (Json(report, path, holdsQueue, warning), Text(report, holdsQueue) + (warning is null ? "" : "\nWARNING: " + warning));
            });
        }
        catch (InvalidDataException wrong)
        {
            return output.Fail($"{path} cannot be restored: {wrong.Message}; nothing was changed");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // Of the backup itself where that cannot be opened, else of the folder.
            return output.Fail(
                RestoreBackup.IsUnfinished(instance.DataFolder)
                    ? $"restored in part: {failure.Message}; when that is mended, the next command or server completes it, and until then none works"
                : File.Exists(path) ? $"not restored, nothing was changed: {failure.Message}"
                : FileProblem.Reading(path, failure));
        }
    }

    private static SqliteDatabase DatabaseWith(string folder)
    {
        var instance = EmbeddedInstance.ReadWith(folder);
        return instance.Succeeded ? instance.Value.Database : throw new StorageException(instance.Problem.Message);
    }

    private static object Json(RestoreReport report, string path, bool holdsQueue, string? warning) => new
    {
        File = path,
        report.Manifest.MadeAt,
        report.Manifest.Holds,
        report.Waiting,
        Held = holdsQueue,
        report.Kept,
        Warning = warning,
    };

    private static string Text(RestoreReport report, bool holdsQueue)
    {
        var made = string.Create(CultureInfo.InvariantCulture, $"restored the backup of {report.Manifest.MadeAt.UtcDateTime:yyyy-MM-dd HH:mm:ss'Z'}: ");
        var kept = report.Kept.Count > 0 ? "\nwhat was there before is in " + string.Join(" and ", report.Kept) : "";
        var waiting = Output.Count(report.Waiting, "delivery", "deliveries");
        var queue = (report.Waiting, holdsQueue) switch
        {
            (0, _) => "",
            (_, true) => $"\n{waiting} that waited then are held: smtpy queue list --state held",
            _ => $"\n{waiting} that waited then will be tried at the next start; what was delivered since the backup is delivered again",
        };
        return made + BackupCommand.Holds(report.Manifest.Holds!) + kept + queue;
    }
}
