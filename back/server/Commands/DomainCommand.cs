using System.CommandLine;
using System.Globalization;
using Smtpy.Core;
using Smtpy.Core.Domains;

namespace Smtpy.Server.Commands;

internal static class DomainCommand
{
    public static Command Create(Option<bool> json) =>
        new("domain", "Domains that mail is taken for")
        {
            Add(json), List(json), DomainSetCommand.Create(json), DomainRecordCommand.Check(json), DomainRecordCommand.Keys(json), DomainRecordCommand.Rotate(json),
            Verify(json), CatchAll(json), Delete(json),
        };

    private static Command Add(Option<bool> json)
    {
        var name = new Argument<string>("name");
        var user = new Option<string?>("--user") { Description = "e-mail of the account that owns it; default: the first administrator" };
        var command = new Command("add", "Add a domain; the operator's word is enough, so it takes mail at once") { name, user };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var scope = await AdminScope.OpenAsync(cancellationToken);
            var added = await scope.Get<AddDomain>().RunAsync(parsed.GetRequiredValue(name), parsed.GetValue(user), cancellationToken);
            // Whoever can run this command can read and change the whole database: asking them for proof protects nobody.
            var verified = added.Succeeded ? await scope.Get<VerifyDomain>().RunAsync(added.Value.Name, force: true, cancellationToken) : added;
            Outcome<DomainKeys> keys = verified.Succeeded ? await scope.Get<EnsureDomainKeys>().RunAsync(verified.Value.Name, cancellationToken) : verified.Problem;
            return new Output(parsed.GetValue(json)).Show(verified, domain => (
                Json(domain),
                $"domain {domain.Name} added; publish these records, then: smtpy domain check {domain.Name}\n"
                + (keys.Succeeded ? DomainRecordCommand.Lines(scope, keys.Value) : keys.Problem.Message)));
        });
        return command;
    }

    private static Command List(Option<bool> json)
    {
        var command = new Command("list", "All domains");
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var scope = await AdminScope.OpenAsync(cancellationToken);
            var domains = await scope.Get<ListDomains>().RunAsync(cancellationToken);
            return new Output(parsed.GetValue(json)).List(
                domains, "no domains; add one with: smtpy domain add NAME",
                ("domain", static d => d.Name), ("owner", static d => d.Owner), ("verified", static d => d.VerifiedAt is null ? "no" : "yes"),
                ("catch-all", static d => d.CatchAll ? "yes" : "no"), ("aliases", static d => d.Aliases.ToString(CultureInfo.InvariantCulture)));
        });
        return command;
    }

    private static Command Verify(Option<bool> json)
    {
        var name = new Argument<string>("name");
        var force = new Option<bool>("--force") { Description = "take the operator's word for it" };
        var command = new Command("verify", "Mark a domain as its owner's, so that mail is taken for it") { name, force };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var scope = await AdminScope.OpenAsync(cancellationToken);
            var outcome = await scope.Get<VerifyDomain>().RunAsync(parsed.GetRequiredValue(name), parsed.GetValue(force), cancellationToken);
            if (outcome.Succeeded)
            {
                await scope.Get<EnsureDomainKeys>().RunAsync(outcome.Value.Name, cancellationToken);
            }

            return new Output(parsed.GetValue(json)).Show(outcome, domain => (Json(domain), $"domain {domain.Name} is verified"));
        });
        return command;
    }

    private static Command CatchAll(Option<bool> json)
    {
        var name = new Argument<string>("name");
        var to = new Option<string[]>("--to") { Description = "recipients of addresses without an alias; the word none switches it off", AllowMultipleArgumentsPerToken = true, Required = true };
        var command = new Command("catch-all", "Say where mail to addresses without an alias goes") { name, to };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var scope = await AdminScope.OpenAsync(cancellationToken);
            var recipients = parsed.GetRequiredValue(to) is var given and not ["none"] ? given : [];
            Outcome<Domain> outcome = await scope.Get<SetCatchAll>().RunAsync(parsed.GetRequiredValue(name), recipients, cancellationToken);
            return new Output(parsed.GetValue(json)).Show(outcome, domain => (
                Json(domain), domain.CatchAll ? $"catch-all of {domain.Name} goes to {string.Join(", ", recipients)}" : $"catch-all of {domain.Name} is off"));
        });
        return command;
    }

    private static Command Delete(Option<bool> json)
    {
        var name = new Argument<string>("name");
        var command = new Command("delete", "Remove a domain with all its aliases; later mail is refused") { name };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var scope = await AdminScope.OpenAsync(cancellationToken);
            var outcome = await scope.Get<DeleteDomain>().RunAsync(parsed.GetRequiredValue(name), cancellationToken);
            return new Output(parsed.GetValue(json)).Show(outcome, domain => (new { domain.Name }, $"domain {domain.Name} deleted"));
        });
        return command;
    }

    private static object Json(Domain domain) => new
    {
        domain.Id,
        domain.Name,
        domain.CatchAll,
        CatchAllRecipients = domain.CatchAllRecipients.Select(static r => r.Email),
        domain.VerifiedAt,
        domain.CreatedAt,
    };
}
