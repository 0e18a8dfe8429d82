using System.CommandLine;
using Smtpy.Core.Aliases;
using Smtpy.Core.Aliases.Import;

namespace Smtpy.Server.Commands;

internal static class ImportCommand
{
    private const int ProblemsShown = 20;

    public static Command Create(Option<bool> json)
    {
        var file = new Argument<string>("file") { Description = "CSV of addy.io, SimpleLogin or SMTPy (smtpy export): alias,note,recipients,enabled,when_disabled" };
        var addDomains = new Option<bool>("--add-domains") { Description = "add domains that are not here, as smtpy domain add does" };
        var user = new Option<string?>("--user") { Description = "e-mail of the account that gets these domains; default: the first administrator" };
        var command = new Command("import", "Add many aliases from a CSV file") { file, addDomains, user };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var output = new Output(parsed.GetValue(json));
            var path = parsed.GetRequiredValue(file);
            try
            {
                using var reader = new StreamReader(path);
                await using var admin = await AdminScope.OpenAsync(cancellationToken);
                var rows = AliasCsv.Read(reader);
                IReadOnlyList<string> domains = [];
                if (parsed.GetValue(addDomains))
                {
                    // Standard input can be read once only.
                    rows = [.. rows];
                    var outcome = await admin.Get<AddMissingDomains>().RunAsync(rows, parsed.GetValue(user), cancellationToken);
                    if (!outcome.Succeeded)
                    {
                        return output.Fail(outcome.Problem.Message);
                    }

                    domains = outcome.Value;
                }

                return Report(output, await admin.Get<ImportAliases>().RunAsync(rows, null, cancellationToken), domains);
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or FormatException)
            {
                return output.Fail(failure is FormatException ? $"{path} cannot be imported: {failure.Message}" : FileProblem.Reading(path, failure));
            }
        });
        return command;
    }

    private static int Report(Output output, ImportReport report, IReadOnlyList<string> domains)
    {
        var added = domains.Count > 0 ? $"domains added: {string.Join(", ", domains)}; smtpy domain check NAME says what to publish\n" : "";
        var text = added + $"{Output.Count(report.Added, "alias", "aliases")} added, {report.Existing} were there before, {report.Problems.Count} rows not used"
            + (report.NotesCut > 0 ? $", {report.NotesCut} notes cut to {Alias.LongestDescription} characters" : "");
        output.Done(new { report.Added, report.Existing, report.Problems, report.NotesCut, Domains = domains }, text);
        foreach (var problem in report.Problems.Take(output.IsJson ? 0 : ProblemsShown))
        {
            Console.Error.WriteLine($"line {problem.Line}: {problem.Reason}");
        }

        return report.Problems.Count == 0 ? 0 : 1;
    }
}
