using System.CommandLine;
using Smtpy.Server.Configuration;
using Smtpy.Server.Hosting;

namespace Smtpy.Server.Commands;

internal static class ServeCommand
{
    public const string Name = "serve";

    public static Command Create(Option<bool> json)
    {
        var role = new Option<string>("--role")
        {
            Description = "all: everything; smtp: receive and deliver mail; api: web service and pages",
            DefaultValueFactory = _ => "all",
        };
        role.OnlyFrom("all", "api", "smtp");
        var command = new Command(Name, "Run the server until it is told to stop (SIGTERM, Ctrl-C)") { role };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var settings = Settings.Read(CommandEnvironment.Settings());
            try
            {
                await using var server = await RunningServer.StartAsync(settings, RoleOf(parsed.GetValue(role)), cancellationToken);
                await server.WaitForShutdownAsync(cancellationToken);
                return server.HasFailed ? 1 : 0;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                // Told to stop while it was still starting: that is no failure.
                return 0;
            }
        });
        return command;
    }

    private static Role RoleOf(string? name) => name switch
    {
        "api" => Role.Api,
        "smtp" => Role.Smtp,
        _ => Role.Api | Role.Smtp,
    };
}
