using System.CommandLine;
using Smtpy.Core.Aliases;

namespace Smtpy.Server.Commands;

internal static class AliasCommand
{
    public static Command Create(Option<bool> json) =>
        new("alias", "Aliases and where they forward to") { Add(json), List(json), AliasSetCommand.Create(json), Enable(json), Disable(json), Delete(json), Restore(json), Forget(json) };

    private static Command Add(Option<bool> json)
    {
        var address = new Argument<string>("address");
        var to = new Option<string[]>("--to")
        {
            Description = "mailboxes that get its mail",
            AllowMultipleArgumentsPerToken = true,
            Required = true,
        };
        var note = new Option<string?>("--note") { Description = "what it is for" };
        var command = new Command("add", "Add an alias on a domain that is here") { address, to, note };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var scope = await AdminScope.OpenAsync(cancellationToken);
            var outcome = await scope.Get<AddAlias>().RunAsync(
                parsed.GetRequiredValue(address), parsed.GetRequiredValue(to), parsed.GetValue(note), cancellationToken);
            return new Output(parsed.GetValue(json)).Show(outcome, alias => (Json(alias), $"alias {alias.Address} forwards to {Recipients(alias)}"));
        });
        return command;
    }

    private static Command List(Option<bool> json)
    {
        var domain = new Option<string?>("--domain") { Description = "only those of this domain" };
        var command = new Command("list", "All aliases") { domain };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var scope = await AdminScope.OpenAsync(cancellationToken);
            var output = new Output(parsed.GetValue(json));
            var outcome = await scope.Get<ListAliases>().RunAsync(parsed.GetValue(domain), cancellationToken);
            if (!outcome.Succeeded)
            {
                return output.Fail(outcome.Problem.Message);
            }

            return output.IsJson
                ? output.Done(outcome.Value.Select(Json), "")
                : output.List(
                    outcome.Value, "no aliases; add one with: smtpy alias add ADDRESS --to RECIPIENT", "note",
                    ("alias", static a => a.Address), ("state", State), ("forwards to", Recipients), ("note", static a => a.Description));
        });
        return command;
    }

    private static Command Enable(Option<bool> json)
    {
        var address = new Argument<string>("address");
        var command = new Command("enable", "Switch an alias on") { address };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var scope = await AdminScope.OpenAsync(cancellationToken);
            var outcome = await scope.Get<SetAliasEnabled>().RunAsync(parsed.GetRequiredValue(address), true, null, cancellationToken);
            return new Output(parsed.GetValue(json)).Show(outcome, alias => (Json(alias), $"alias {alias.Address} is on"));
        });
        return command;
    }

    private static Command Disable(Option<bool> json)
    {
        var address = new Argument<string>("address");
        var answer = new Option<string?>("--answer")
        {
            Description = "discard: take mail and drop it silently; refuse: 550; defer: 421, try later. Default: as before, at first discard",
        };
        answer.OnlyFrom("discard", "refuse", "defer");
        var command = new Command("disable", "Switch an alias off") { address, answer };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            DisabledBehaviour? behaviour = parsed.GetValue(answer) is { } word ? Enum.Parse<DisabledBehaviour>(word, ignoreCase: true) : null;
            await using var scope = await AdminScope.OpenAsync(cancellationToken);
            var outcome = await scope.Get<SetAliasEnabled>().RunAsync(parsed.GetRequiredValue(address), false, behaviour, cancellationToken);
            return new Output(parsed.GetValue(json)).Show(outcome, alias => (Json(alias), $"alias {alias.Address} is {State(alias)}"));
        });
        return command;
    }

    private static Command Delete(Option<bool> json)
    {
        var address = new Argument<string>("address");
        var command = new Command("delete", "Delete an alias: later mail to it is refused, and it can be restored") { address };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var scope = await AdminScope.OpenAsync(cancellationToken);
            var outcome = await scope.Get<DeleteAlias>().RunAsync(parsed.GetRequiredValue(address), cancellationToken);
            return new Output(parsed.GetValue(json)).Show(outcome, alias => (new { alias.Address }, $"alias {alias.Address} deleted"));
        });
        return command;
    }

    private static Command Restore(Option<bool> json)
    {
        var address = new Argument<string>("address");
        var command = new Command("restore", "Take the deletion of an alias back; it is on again") { address };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var scope = await AdminScope.OpenAsync(cancellationToken);
            var outcome = await scope.Get<RestoreAlias>().RunAsync(parsed.GetRequiredValue(address), cancellationToken);
            return new Output(parsed.GetValue(json)).Show(outcome, alias => (Json(alias), $"alias {alias.Address} is on"));
        });
        return command;
    }

    private static Command Forget(Option<bool> json)
    {
        var address = new Argument<string>("address");
        var command = new Command("forget", "Remove an alias, deleted or not, for good: its address is free again") { address };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var scope = await AdminScope.OpenAsync(cancellationToken);
            var outcome = await scope.Get<ForgetAlias>().RunAsync(parsed.GetRequiredValue(address), cancellationToken);
            return new Output(parsed.GetValue(json)).Show(outcome, alias => (new { alias.Address }, $"alias {alias.Address} is forgotten"));
        });
        return command;
    }

    private static object Json(Alias alias) => new
    {
        alias.Id,
        alias.Address,
        alias.Enabled,
        alias.DisabledBehaviour,
        alias.Description,
        Recipients = alias.Recipients.Select(static r => r.Email),
        alias.CreatedAt,
        alias.UpdatedAt,
    };

    private static string Recipients(Alias alias) => string.Join(", ", alias.Recipients.Select(static r => r.Email));

    private static string State(Alias alias) => alias.Enabled ? "on" : alias.DisabledBehaviour switch
    {
        DisabledBehaviour.Refuse => "off: refuses",
        DisabledBehaviour.Defer => "off: defers",
        _ => "off: discards",
    };
}
