using System.CommandLine;
using System.Text;
using Smtpy.Core.Aliases.Export;
using Smtpy.Core.Storage;

namespace Smtpy.Server.Commands;

internal static class ExportCommand
{
    private const string StandardOutput = "-";

    public static Command Create(Option<bool> json)
    {
        var user = new Option<string?>("--user") { Description = "e-mail of the account whose it is; default: all" };
        var file = new Option<string>("--output") { Description = "file to write, which must not exist; -: standard output", DefaultValueFactory = static _ => StandardOutput };
        var command = new Command("export", "Write aliases as CSV, as smtpy import reads it; with --json all that accounts own") { user, file };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var output = new Output(parsed.GetValue(json));
            await using var scope = await AdminScope.OpenAsync(cancellationToken);
            var accounts = await scope.Get<ExportAccounts>().RunAsync(parsed.GetValue(user), cancellationToken);
            return accounts.Succeeded
                ? await WriteAsync(output, accounts.Value, parsed.GetRequiredValue(file), cancellationToken)
                : output.Fail(accounts.Problem.Message);
        });
        return command;
    }

    private static async Task<int> WriteAsync(
        Output output, IReadOnlyList<ExportedAccount> accounts, string path, CancellationToken cancellationToken)
    {
        var aliases = accounts.SelectMany(static a => a.Aliases).Where(static a => a.DeletedAt is null).ToList();
        if (path == StandardOutput)
        {
            if (output.IsJson)
            {
                return output.Done(new { accounts }, "");
            }

            return await WriteToConsoleAsync(output, aliases, cancellationToken);
        }

        try
        {
            await WriteFileAsync(path, output.IsJson ? accounts : null, aliases, cancellationToken);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return output.Fail(FileProblem.Writing(path, failure));
        }

        return output.Done(
            new { file = path, accounts = accounts.Count, aliases = aliases.Count }, $"{Output.Count(aliases.Count, "alias", "aliases")} in {path}");
    }

    private static async Task<int> WriteToConsoleAsync(Output output, List<ExportedAlias> aliases, CancellationToken cancellationToken)
    {
        try
        {
            await using var console = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false));
            await AliasCsvWriter.WriteAsync(console, aliases, cancellationToken);
            return 0;
        }
        catch (IOException failure)
        {
            return output.Fail(FileProblem.Writing("standard output", failure));
        }
    }

    /// <param name="accounts">Null: the alias list.</param>
    private static async Task WriteFileAsync(
        string path, IReadOnlyList<ExportedAccount>? accounts, List<ExportedAlias> aliases, CancellationToken cancellationToken)
    {
        // Only making it fails for what is there already; that is not ours to delete.
        var file = PrivateFile.Create(path);
        try
        {
            await using var writer = new StreamWriter(file, new UTF8Encoding(false));
            if (accounts is null)
            {
                await AliasCsvWriter.WriteAsync(writer, aliases, cancellationToken);
            }
            else
            {
                await writer.WriteLineAsync(Output.ToJson(new { accounts }).AsMemory(), cancellationToken);
            }
        }
        catch
        {
            File.Delete(path);
            throw;
        }
    }
}
