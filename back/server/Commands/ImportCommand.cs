using System.CommandLine;
using Smtpy.Core.Aliases.Import;

namespace Smtpy.Server.Commands;

internal static class ImportCommand
{
    private const int ProblemsShown = 20;

    public static Command Create(Option<bool> json)
    {
        var file = new Argument<string>("file") { Description = "CSV of addy.io, SimpleLogin or SMTPy: alias,note,recipients" };
        var command = new Command("import", "Add many aliases of existing domains from a CSV file") { file };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var output = new Output(parsed.GetValue(json));
            var path = parsed.GetRequiredValue(file);
            try
            {
                using var reader = new StreamReader(path);
                await using var admin = await AdminScope.OpenAsync(cancellationToken);
                var report = await admin.Get<ImportAliases>().RunAsync(AliasCsv.Read(reader), null, cancellationToken);
                return Report(output, report);
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or FormatException)
            {
                return output.Fail(failure is FormatException ? $"{path} cannot be imported: {failure.Message}" : FileProblem.Reading(path, failure));
            }
        });
        return command;
    }

    private static int Report(Output output, ImportReport report)
    {
        var text = $"{report.Added} aliases added, {report.Existing} were there before, {report.Problems.Count} rows not used";
        output.Done(new { report.Added, report.Existing, report.Problems }, text);
        foreach (var problem in report.Problems.Take(output.IsJson ? 0 : ProblemsShown))
        {
            Console.Error.WriteLine($"line {problem.Line}: {problem.Reason}");
        }

        return report.Problems.Count == 0 ? 0 : 1;
    }
}
