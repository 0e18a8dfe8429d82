using System.CommandLine;
using Smtpy.Core.Storage;
using Smtpy.Server.Configuration;

namespace Smtpy.Server.Commands;

/// <summary>The <c>smtpy</c> command line. Exit code 0 only on success; every failure is one line.</summary>
internal static class CommandLine
{
    public static async Task<int> RunAsync(string[] args)
    {
        var json = new Option<bool>("--json") { Description = "Answer with one JSON document", Recursive = true };
        var root = Root(json);
        // "@shop.example" is a domain of senders, not a file with more arguments.
        var parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        var output = new Output(args.Contains("--json"));
        if (parsed.Errors.Count > 0)
        {
            if (args.Length == 0)
            {
                // Nothing was asked, so nothing was done: that is no success.
                await root.Parse("--help").InvokeAsync();
                return 1;
            }

            return output.Fail($"{Clearest(parsed.Errors)} See \"smtpy{PathOf(parsed.CommandResult)} --help\".");
        }

        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = TimeToStop(parsed.CommandResult.Command),
            });
        }
        catch (Exception failure) when (failure is SettingException or StorageException)
        {
            return output.Fail(failure.Message);
        }
        catch (OperationCanceledException)
        {
            return output.Fail("interrupted");
        }
        catch (IOException failure)
        {
            // Mostly standard output itself, on a disk that is full: so nothing more goes there.
            Console.Error.WriteLine("smtpy: " + Output.Printable(failure.Message.ReplaceLineEndings(" ")));
            return 1;
        }
    }

    /// <summary>
    /// Of a command that was told to stop, until the process ends all the same. A server has limits of its own for each part of its stop
    /// (SMTP_DRAIN_TIMEOUT and others), and whoever does not want to wait for them has SIGKILL.
    /// </summary>
    private static TimeSpan TimeToStop(Command command) =>
        command.Name is ServeCommand.Name or DemoCommand.Name ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(2);

    private static RootCommand Root(Option<bool> json) =>
        new("SMTPy: e-mail aliases on your own domains, forwarded to your mailbox")
        {
            json,
            ServeCommand.Create(json),
            MigrateCommand.Create(json),
            HealthCommand.Create(json),
            UserCommand.Create(json),
            ApiKeyCommand.Create(json),
            DomainCommand.Create(json),
            AliasCommand.Create(json),
            ContactCommand.Create(json),
            SenderCommand.Create(json),
            RecipientCommand.Create(json),
            SmtpPasswordCommand.Create(json),
            ImportCommand.Create(json),
            ExportCommand.Create(json),
            BackupCommand.Create(json),
            RestoreCommand.Create(json),
            QueueCommand.Create(json),
            RefusalCommand.Create(json),
            BounceCommand.Create(json),
            AuthenticateCommand.Create(json),
            DoctorCommand.Create(json),
            SelfTestCommand.Create(json),
            DemoCommand.Create(json),
        };

    /// <summary>A word that is not known explains all the rest.</summary>
    private static string Clearest(IReadOnlyList<System.CommandLine.Parsing.ParseError> errors) =>
        (errors.FirstOrDefault(static e => e.Message.StartsWith("Unrecognized", StringComparison.Ordinal)) ?? errors[0]).Message;

    private static string PathOf(System.CommandLine.Parsing.CommandResult? command)
    {
        var path = "";
        for (var at = command; at?.Parent is System.CommandLine.Parsing.CommandResult parent; at = parent)
        {
            path = " " + at.Command.Name + path;
        }

        return path;
    }
}
