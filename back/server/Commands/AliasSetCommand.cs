using System.CommandLine;
using Smtpy.Core;
using Smtpy.Core.Aliases;
using Smtpy.Core.Rules;
using Smtpy.Mail.Rewriting;

namespace Smtpy.Server.Commands;

internal static class AliasSetCommand
{
    public static Command Create(Option<bool> json)
    {
        var address = new Argument<string>("address");
        var handling = new HandlingOptions();
        var to = new Option<string[]>("--to") { Description = "mailboxes that get its mail, instead of those before", AllowMultipleArgumentsPerToken = true };
        var note = new Option<string?>("--note") { Description = "what it is for; empty for nothing" };
        var fromName = new Option<string?>("--from-name") { Description = "name shown to contacts; empty for the domain's" };
        var knownOnly = OnOff("--known-senders-only", "hold mail from others than contacts and senders let through");
        var template = new Option<string?>("--subject-template") { Description = "such as \"[{alias}] {subject}\"; empty: the subject stays. Accepted: " + SubjectTemplate.Placeholders };
        var banner = HandlingOptions.Words<BannerPlace>("--banner", "where a note is put into the text");
        var clean = OnOff("--clean-replies", "replace the mailbox's address in the text of replies too; default on. off: replies leave as they are written, with your address where it stands in the text");
        var command = new Command("set", "Say how an alias's mail is handled; what is not named stays. Without options it is shown") { address };
        handling.AddTo(command);
        foreach (var option in new Option[] { to, note, fromName, knownOnly, template, banner, clean })
        {
            command.Add(option);
        }

        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var scope = await AdminScope.OpenAsync(cancellationToken);
            var edit = new AliasEdit(parsed.GetValue(note), parsed.GetValue(fromName))
            {
                Handling = handling.Read(parsed),
                KnownSendersOnly = IsOn(parsed.GetValue(knownOnly)),
                SubjectTemplate = parsed.GetValue(template),
                Banner = HandlingOptions.Parse<BannerPlace>(parsed.GetValue(banner)),
                CleanReplies = IsOn(parsed.GetValue(clean)),
            };
            var recipients = parsed.GetValue(to) ?? [];
            var outcome = await RunAsync(scope, parsed.GetRequiredValue(address), edit, recipients, cancellationToken);
            var going = recipients.Length > 0 ? $"forwards to {string.Join(", ", recipients)}, " : "";
            return new Output(parsed.GetValue(json)).Show(outcome, alias => (Json(alias), $"alias {alias.Address}: {going}{Describe(alias)}"));
        });
        return command;
    }

    /// <summary>What can be wrong of the rest is looked at before the recipients change, so that all is done or nothing.</summary>
    private static async Task<Outcome<Alias>> RunAsync(
        AdminScope scope, string address, AliasEdit edit, string[] recipients, CancellationToken cancellationToken)
    {
        if (EditAlias.Check(edit) is { } wrong)
        {
            return wrong;
        }

        if (recipients.Length > 0)
        {
            var set = await scope.Get<SetAliasRecipients>().RunAsync(address, recipients, cancellationToken);
            if (!set.Succeeded)
            {
                return set;
            }
        }

        return await scope.Get<EditAlias>().RunAsync(address, edit, cancellationToken);
    }

    private static Option<string?> OnOff(string name, string description)
    {
        var option = new Option<string?>(name) { Description = description };
        option.OnlyFrom("on", "off");
        return option;
    }

    private static bool? IsOn(string? word) => word switch
    {
        "on" => true,
        "off" => false,
        _ => null,
    };

    private static string Describe(Alias alias) =>
        HandlingOptions.Describe(alias.Handling) + (alias.KnownSendersOnly ? ", known senders only" : "")
        + (alias.SubjectTemplate is { } template ? $", subject \"{Output.Printable(template)}\"" : "")
        + (alias.Banner is BannerPlace.Off ? "" : ", banner at the " + HandlingOptions.Word(alias.Banner))
        + (alias.CleanReplies ? "" : ", replies not cleaned")
        + (alias.FromName is { } name ? $", from name \"{Output.Printable(name)}\"" : "");

    private static object Json(Alias alias) => new
    {
        alias.Id,
        alias.Address,
        alias.Description,
        Recipients = alias.Recipients.Select(static r => r.Email),
        alias.FromName,
        alias.Handling.Mode,
        alias.Handling.FromFormat,
        alias.Handling.OnDmarcFail,
        alias.Handling.OnSpfFail,
        alias.Handling.Unsubscribe,
        alias.KnownSendersOnly,
        alias.SubjectTemplate,
        alias.Banner,
        alias.CleanReplies,
    };
}
