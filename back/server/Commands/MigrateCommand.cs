using System.CommandLine;
using Smtpy.Core.Storage;

namespace Smtpy.Server.Commands;

internal static class MigrateCommand
{
    public static Command Create(Option<bool> json)
    {
        var command = new Command("migrate", "Bring the database to this version's schema (serve does it too)");
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var admin = await AdminScope.OpenAsync(cancellationToken, waits: true);
            var database = admin.Get<IDatabase>();
            return new Output(parsed.GetValue(json)).Done(
                new { database = database.Description, schema = database.Schema.Latest },
                $"{database.Description} has schema {database.Schema.Latest}");
        });
        return command;
    }
}
