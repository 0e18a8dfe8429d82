using System.CommandLine;
using System.Globalization;
using Smtpy.Core.Messages;
using Smtpy.Core.Storage;

namespace Smtpy.Server.Commands;

internal static class QueueCommand
{
    /// <summary>Rows of a list: what a person reads; programs ask for more.</summary>
    private const int DefaultLimit = 1000;

    public static Command Create(Option<bool> json) =>
        new("queue", "Messages that wait, failed, or are held") { List(json), Show(json), Retry(json), Drop(json) };

    private static Command List(Option<bool> json)
    {
        var state = new Option<string?>("--state") { Description = "only this state; default: queued, failed and held" };
        state.AcceptOnlyFromAmong("queued", "delivered", "captured", "failed", "held", "discarded", "dropped");
        var limit = new Option<int>("--limit") { Description = "at most so many, the oldest first", DefaultValueFactory = _ => DefaultLimit };
        var command = new Command("list", "Deliveries, the oldest message first") { state, limit };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            DeliveryState? only = parsed.GetValue(state) is { } word ? Enum.Parse<DeliveryState>(word, ignoreCase: true) : null;
            await using var scope = await AdminScope.OpenAsync(cancellationToken);
            var entries = await scope.Get<ListQueue>().RunAsync(only, 0, Math.Max(0, parsed.GetValue(limit)), cancellationToken);
            var output = new Output(parsed.GetValue(json));
            return output.IsJson ? output.Done(entries.Select(Json), "") : Table(output, entries);
        });
        return command;
    }

    private static Command Show(Option<bool> json)
    {
        var id = Id();
        var command = new Command("show", "One message: where it came from, its deliveries, its header") { id };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var scope = await AdminScope.OpenAsync(cancellationToken);
            var output = new Output(parsed.GetValue(json));
            var outcome = await scope.Get<ShowMessage>().RunAsync(parsed.GetRequiredValue(id), cancellationToken);
            if (!outcome.Succeeded)
            {
                return output.Fail(outcome.Problem.Message);
            }

            var message = outcome.Value;
            if (output.IsJson)
            {
                return output.Done(Json(message), "");
            }

            Console.Out.WriteLine(
                $"message {message.Id}, {message.Size} octets, from <{message.Sender}>\n" +
                $"received {Instant(message.ReceivedAt)} from {message.Helo} [{message.ClientAddress}] by {message.Protocol}");
            Table(output, message.Deliveries);
            foreach (var field in message.HeaderFields ?? [])
            {
                Console.Out.WriteLine(Output.Printable($"{field.Name}: {field.Value}"));
            }

            return 0;
        });
        return command;
    }

    private static Command Retry(Option<bool> json)
    {
        var id = Id();
        var command = new Command("retry", "Try a message again now, also one that failed or is held") { id };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var scope = await AdminScope.OpenAsync(cancellationToken);
            var outcome = await scope.Get<RetryDelivery>().RunAsync(parsed.GetRequiredValue(id), null, cancellationToken);
            return new Output(parsed.GetValue(json)).Show(outcome, count => (new { retried = count }, $"{count} deliveries are due now"));
        });
        return command;
    }

    private static Command Drop(Option<bool> json)
    {
        var id = Id();
        var command = new Command("drop", "Take a message out of the queue for good") { id };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var scope = await AdminScope.OpenAsync(cancellationToken);
            var outcome = await scope.Get<DropDelivery>().RunAsync(parsed.GetRequiredValue(id), null, cancellationToken);
            return new Output(parsed.GetValue(json)).Show(outcome, count => (new { dropped = count }, $"{count} deliveries dropped"));
        });
        return command;
    }

    private static Argument<long> Id() => new("id")
    {
        Description = "the number in \"queued as N\"",
        CustomParser = static result =>
        {
            var text = result.Tokens[0].Value;
            if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            {
                result.AddError($"'{Output.Printable(text)}' is no message id; accepted is the number in \"queued as N\".");
            }

            return id;
        },
    };

    private static int Table(Output output, IReadOnlyList<QueueEntry> entries) => output.List(
        entries, "nothing waits",
        ("id", static e => e.Key.MessageId.ToString(CultureInfo.InvariantCulture)), ("state", static e => e.UnderWay ? "under way" : e.State.ToString().ToLowerInvariant()),
        ("from", static e => e.Sender), ("alias", static e => e.AliasAddress), ("to", static e => e.Recipient),
        ("received", static e => Instant(e.ReceivedAt)), ("tries", static e => e.Attempts.ToString(CultureInfo.InvariantCulture)),
        ("next", static e => e.NextAttemptAt is { } next ? Instant(next) : ""), ("last reply", static e => e.LastReply));

    private static object Json(MessageDetails message) => new
    {
        message.Id,
        message.ReceivedAt,
        message.Sender,
        message.ClientAddress,
        message.Helo,
        message.Protocol,
        message.Size,
        Deliveries = message.Deliveries.Select(Json),
        message.HeaderFields,
    };

    private static object Json(QueueEntry entry) => new
    {
        Id = entry.Key.MessageId,
        entry.Key.Ordinal,
        entry.State,
        entry.UnderWay,
        entry.Sender,
        entry.AliasAddress,
        entry.Recipient,
        entry.Size,
        entry.ReceivedAt,
        entry.Attempts,
        entry.NextAttemptAt,
        entry.LastAttemptAt,
        entry.LastReply,
        entry.RemoteHost,
        entry.FinishedAt,
    };

    private static string Instant(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
