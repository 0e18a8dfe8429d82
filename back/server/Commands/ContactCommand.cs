using System.CommandLine;
using Smtpy.Core;
using Smtpy.Core.Contacts;

namespace Smtpy.Server.Commands;

internal static class ContactCommand
{
    public static Command Create(Option<bool> json) => new("contact", "Whom aliases correspond with, and their reverse addresses")
    {
        List(json),
        Add(json),
        Change(
            json, "block", "Refuse mail from a contact to the alias",
            static (scope, selector, cancel) => scope.Get<SetContactBlocked>().RunAsync(selector, true, cancel), static c => $"{c.Address} may not write to {c.AliasAddress} any more"),
        Change(
            json, "unblock", "Take mail from a contact again",
            static (scope, selector, cancel) => scope.Get<SetContactBlocked>().RunAsync(selector, false, cancel), static c => $"{c.Address} may write to {c.AliasAddress}"),
        Change(
            json, "renew", "Give a contact another reverse address; the old one is refused",
            static (scope, selector, cancel) => scope.Get<RenewReverseAddress>().RunAsync(selector, cancel), static c => c.ReverseAddress),
        Change(
            json, "delete", "Forget a contact; mail to the reverse address is refused",
            static (scope, selector, cancel) => scope.Get<DeleteContact>().RunAsync(selector, cancel), static c => $"contact {c.Address} of {c.AliasAddress} is forgotten"),
    };

    private static Command List(Option<bool> json)
    {
        var alias = new Option<string?>("--alias") { Description = "only contacts of this alias" };
        var limit = Listing.Limit();
        var command = new Command("list", "Contacts, the newest first") { alias, limit };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var scope = await AdminScope.OpenAsync(cancellationToken);
            var page = await scope.Get<ListContacts>().RunAsync(
                null, new ContactQuery(AliasAddress: parsed.GetValue(alias), PageSize: parsed.GetValue(limit)), cancellationToken);
            var output = new Output(parsed.GetValue(json));
            return output.IsJson
                ? output.Done(page.Items.Select(Json), "")
                : output.List(
                    page.Items, "no contacts; whoever writes to an alias becomes one, or: smtpy contact add ALIAS ADDRESS", "name",
                    ("alias", static c => c.AliasAddress), ("contact", static c => c.Address), ("name", static c => c.DisplayName),
                    ("reverse address", static c => c.ReverseAddress), ("blocked", static c => c.Blocked ? "yes" : "no"));
        });
        return command;
    }

    private static Command Add(Option<bool> json)
    {
        var alias = new Argument<string>("alias");
        var contact = new Argument<string>("contact") { Description = "an address, or a name and an address: \"Jane <jane@shop.example>\"" };
        var command = new Command("add", "Begin a conversation: prints the address to write to") { alias, contact };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var scope = await AdminScope.OpenAsync(cancellationToken);
            var outcome = await scope.Get<CreateContact>().RunAsync(parsed.GetRequiredValue(alias), parsed.GetRequiredValue(contact), cancellationToken);
            return new Output(parsed.GetValue(json)).Show(outcome, static made => (Json(made.Contact), made.Contact.ReverseAddress));
        });
        return command;
    }

    private static Command Change(
        Option<bool> json, string verb, string description, Func<AdminScope, ContactSelector, CancellationToken, Task<Outcome<Contact>>> run,
        Func<Contact, string> tell)
    {
        var alias = new Argument<string>("alias");
        var contact = new Argument<string>("contact") { Description = "the contact's own address" };
        var command = new Command(verb, description) { alias, contact };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var scope = await AdminScope.OpenAsync(cancellationToken);
            var selector = new ContactSelector(parsed.GetRequiredValue(alias), parsed.GetRequiredValue(contact));
            return new Output(parsed.GetValue(json)).Show(await run(scope, selector, cancellationToken), c => (Json(c), tell(c)));
        });
        return command;
    }

    private static object Json(Contact contact) => new
    {
        contact.Id,
        contact.AliasAddress,
        contact.Address,
        contact.DisplayName,
        contact.ReverseAddress,
        contact.Blocked,
        contact.CreatedAt,
    };
}
