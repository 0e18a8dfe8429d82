using System.CommandLine;
using Smtpy.Core.Messages;
using Smtpy.Core.Storage.Model;

namespace Smtpy.Server.Commands;

internal static class RefusalCommand
{
    public static Command Create(Option<bool> json) => new("refusals", "Mail that was not taken") { List(json), Show(json) };

    private static Command List(Option<bool> json)
    {
        var limit = Listing.Limit();
        var command = new Command("list", "Refusals, the newest first") { limit };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var scope = await AdminScope.OpenAsync(cancellationToken);
            var page = await scope.Get<ListRefusals>().RunAsync(null, 1, parsed.GetValue(limit), cancellationToken);
            return new Output(parsed.GetValue(json)).List(
                page.Items, "nothing was refused", "answer",
                ("id", static r => r.Id.ToString()), ("at", static r => QueueCommand.Instant(r.At)), ("from", static r => r.Sender), ("to", static r => r.AliasAddress),
                ("client", static r => r.ClientAddress), ("answer", static r => r.Reply));
        });
        return command;
    }

    private static Command Show(Option<bool> json)
    {
        var id = new Argument<Guid>("id")
        {
            Description = "as \"smtpy refusals list\" shows it",
            CustomParser = static result =>
            {
                var text = result.Tokens[0].Value;
                if (!Guid.TryParse(text, out var parsed))
                {
                    result.AddError($"id \"{Output.Printable(text)}\" is not accepted: an id as \"smtpy refusals list\" shows it.");
                }

                return parsed;
            },
        };
        var command = new Command("show", "One refusal: who wanted to send what to whom, and what was found of it") { id };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var scope = await AdminScope.OpenAsync(cancellationToken);
            var outcome = await scope.Get<ShowRefusal>().RunAsync(parsed.GetRequiredValue(id), cancellationToken);
            return new Output(parsed.GetValue(json)).Show(outcome, static refusal => (Json(refusal), MessageStory.Tell(refusal)));
        });
        return command;
    }

    private static object Json(RefusalRow refusal) => new
    {
        refusal.Id,
        refusal.At,
        refusal.ClientAddress,
        refusal.Helo,
        refusal.Sender,
        refusal.HeaderFrom,
        refusal.AliasAddress,
        refusal.Reply,
        Judgement = QueueCommand.Parsed(refusal.Judgement),
    };
}

internal static class BounceCommand
{
    public static Command Create(Option<bool> json) => new("bounces", "What came back about mail that had left") { List(json) };

    private static Command List(Option<bool> json)
    {
        var limit = Listing.Limit();
        var command = new Command("list", "Bounces, complaints and automatic answers, the newest first") { limit };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var scope = await AdminScope.OpenAsync(cancellationToken);
            var page = await scope.Get<ListBounces>().RunAsync(null, 1, parsed.GetValue(limit), cancellationToken);
            return new Output(parsed.GetValue(json)).List(
                page.Items, "nothing came back", "said",
                ("at", static b => QueueCommand.Instant(b.At)), ("message", static b => b.MessageId.ToString(System.Globalization.CultureInfo.InvariantCulture)),
                ("kind", static b => b.Kind.ToString().ToLowerInvariant()), ("alias", static b => b.AliasAddress), ("to", static b => b.Recipient),
                ("status", static b => b.Status), ("said", static b => b.Diagnostic));
        });
        return command;
    }
}

/// <summary>What commands that list have in common.</summary>
internal static class Listing
{
    /// <summary>Rows of a list: what a person reads; programs ask for more.</summary>
    private const int DefaultLimit = 1000;

    public static Option<int> Limit()
    {
        var limit = new Option<int>("--limit") { Description = "at most so many", DefaultValueFactory = static _ => DefaultLimit };
        limit.Validators.Add(static result =>
        {
            if (result.Tokens is [var token] && (!int.TryParse(token.Value, System.Globalization.CultureInfo.InvariantCulture, out var number) || number < 1))
            {
                result.AddError("--limit wants a whole number from 1 up.");
            }
        });
        return limit;
    }
}
