using Xunit;

namespace Smtpy.Deployment;

/// <summary>
/// What the documents tell people to type works as it is written: each command of a "bash" block was run by an earlier stage, or
/// is run here. (Blocks of another kind are not commands for a running site.)
/// </summary>
[Stage(5)]
public sealed class DocumentTests(Site site)
{
    [Theory]
    [InlineData("docs/QUICKSTART_PRODUCTION.md")]
    [InlineData("docs/DEPLOYMENT_GUIDE.md")]
    public async Task Every_command_runs_as_it_is_written(string document)
    {
        var commands = Commands(await File.ReadAllLinesAsync(Path.Combine(site.Folder, document), TestContext.Current.CancellationToken)).ToArray();
        Assert.True(commands.Length > 10, "no commands were found");
        site.SucceededBeforeDocuments ??= [.. site.Succeeded];
        var broken = new List<string>();
        var ran = 0;
        foreach (var command in commands.Where(command => !IsDone(command)))
        {
            var result = await site.TryAsync(command);
            ran++;
            if (result.ExitCode == 0)
            {
                site.Succeeded.Add(command);
            }
            else
            {
                broken.Add($"{command}\n  ended with {result.ExitCode}: {result.Output.Trim()} {result.Error.Trim()}");
            }
        }

        Assert.True(broken.Count == 0, string.Join('\n', broken));
        site.Measured.Add(GuideRow.Documents, $"`{document}`: {commands.Length} commands succeeded, {ran} of them run only for this");
    }

    /// <summary>
    /// What was run before is not run again (a template copied over the settings would do harm). But "up" after a password was
    /// changed is another "up".
    /// </summary>
    private bool IsDone(string command) => site.SucceededBeforeDocuments!.Contains(command)
        || (site.Succeeded.Contains(command) && !command.Contains(" up -d", StringComparison.Ordinal));

    /// <summary>One command a line; what follows a backslash at the end of a line belongs to it.</summary>
    private static IEnumerable<string> Commands(string[] lines)
    {
        var inside = false;
        var command = "";
        foreach (var line in lines)
        {
            if (line.StartsWith("```", StringComparison.Ordinal))
            {
                inside = line == "```bash";
                continue;
            }

            if (!inside || (command.Length == 0 && (line.Trim().Length == 0 || line.TrimStart().StartsWith('#'))))
            {
                continue;
            }

            command += command.Length == 0 ? line : "\n" + line;
            if (!line.EndsWith('\\'))
            {
                yield return command;
                command = "";
            }
        }
    }
}
