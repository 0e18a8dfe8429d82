using System.CommandLine;
using Smtpy.Core.Domains;

namespace Smtpy.Server.Commands;

internal static class DomainSetCommand
{
    public static Command Create(Option<bool> json)
    {
        var name = new Argument<string>("name");
        var handling = new HandlingOptions();
        var fromName = new Option<string?>("--from-name") { Description = "name shown to contacts of aliases that have none; empty for none" };
        var command = new Command("set", "Say how mail of a domain's aliases is handled; an alias's own settings come first. Without options it is shown") { name };
        handling.AddTo(command);
        command.Add(fromName);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var scope = await AdminScope.OpenAsync(cancellationToken);
            var edit = new DomainEdit(FromName: parsed.GetValue(fromName)) { Handling = handling.Read(parsed) };
            var outcome = await scope.Get<EditDomain>().RunAsync(parsed.GetRequiredValue(name), edit, cancellationToken);
            return new Output(parsed.GetValue(json)).Show(outcome, static domain => (Json(domain), $"domain {domain.Name}: {Describe(domain)}"));
        });
        return command;
    }

    private static string Describe(Domain domain) =>
        HandlingOptions.Describe(domain.Handling) + (domain.FromName is { } name ? $", from name \"{Output.Printable(name)}\"" : "");

    private static object Json(Domain domain) => new
    {
        domain.Id,
        domain.Name,
        domain.FromName,
        domain.Handling.Mode,
        domain.Handling.FromFormat,
        domain.Handling.OnDmarcFail,
        domain.Handling.OnSpfFail,
        domain.Handling.Unsubscribe,
    };
}
