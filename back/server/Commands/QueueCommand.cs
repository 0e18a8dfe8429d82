using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Smtpy.Core.Messages;
using Smtpy.Core.Storage;
using Smtpy.Mail.Messages;

namespace Smtpy.Server.Commands;

internal static class QueueCommand
{
    /// <summary>A column of free text: why it is held or waits.</summary>
    private const string LastWord = "reason or last reply";

    /// <summary>As a file: a container has no other way out of it.</summary>
    private const string StandardOutput = "-";

    public static Command Create(Option<bool> json) =>
        new("queue", "Messages that wait, failed, or are held")
        {
            List(json), Show(json), QueueActions.Release(json), QueueActions.Retry(json), Save(json), QueueActions.Drop(json),
        };

    private static Command List(Option<bool> json)
    {
        var state = new Option<string?>("--state") { Description = "only this state; default: queued, failed and held" };
        state.OnlyFrom("queued", "delivered", "captured", "failed", "held", "discarded", "dropped");
        var limit = Listing.Limit();
        var command = new Command("list", "Deliveries, the oldest message first") { state, limit };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            DeliveryState? only = parsed.GetValue(state) is { } word ? Enum.Parse<DeliveryState>(word, ignoreCase: true) : null;
            await using var scope = await AdminScope.OpenAsync(cancellationToken);
            var entries = await scope.Get<ListQueue>().RunAsync(only, 0, parsed.GetValue(limit), cancellationToken);
            var output = new Output(parsed.GetValue(json));
            return output.IsJson ? output.Done(entries.Select(Json), "") : Table(output, entries);
        });
        return command;
    }

    private static Command Show(Option<bool> json)
    {
        var id = QueueActions.Id();
        var command = new Command("show", "One message's story: where it came from, where it went, every attempt and reply") { id };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var scope = await AdminScope.OpenAsync(cancellationToken);
            var outcome = await scope.Get<ShowMessage>().RunAsync(parsed.GetRequiredValue(id), null, cancellationToken);
            return new Output(parsed.GetValue(json)).Show(outcome, static message => (Json(message), MessageStory.Tell(message)));
        });
        return command;
    }

    private static Command Save(Option<bool> json)
    {
        var id = QueueActions.Id();
        var file = new Argument<string>("file") { Description = "where to write it; must not exist. - is standard output" };
        var command = new Command("save", "Write a message as it came in to a file (.eml), while it is kept") { id, file };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var scope = await AdminScope.OpenAsync(cancellationToken);
            var output = new Output(parsed.GetValue(json));
            var name = parsed.GetRequiredValue(file);
            var outcome = await scope.Get<OpenMessage>().RunAsync(parsed.GetRequiredValue(id), null, cancellationToken);
            if (!outcome.Succeeded)
            {
                return output.Fail(outcome.Problem.Message);
            }

            if (name == StandardOutput)
            {
                await using var console = Console.OpenStandardOutput();
                await WriteAsync(console, outcome.Value, cancellationToken);
                return 0;
            }

            var path = Path.GetFullPath(name);
            try
            {
                await using var created = PrivateFile.Create(path);
                await WriteAsync(created, outcome.Value, cancellationToken);
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                // Only making it fails for what is there already.
                return output.Fail(File.Exists(path) && failure is IOException ? $"cannot write {path}: it is there already" : FileProblem.Writing(path, failure));
            }

            return output.Done(new { file = path, octets = outcome.Value.Length }, $"{outcome.Value.Length} octets in {path}");
        });
        return command;
    }

    private static async Task WriteAsync(Stream file, MessageContent content, CancellationToken cancellationToken)
    {
        for (var part = 0; part < content.PartCount; part++)
        {
            await file.WriteAsync(await content.ReadPartAsync(part, cancellationToken), cancellationToken);
        }
    }

    private static int Table(Output output, IReadOnlyList<QueueEntry> entries) => output.List(
        entries, "nothing waits", LastWord,
        ("id", static e => e.Key.MessageId.ToString(CultureInfo.InvariantCulture)), ("state", static e => e.UnderWay ? "under way" : e.State.ToString().ToLowerInvariant()),
        ("from", static e => e.Sender), ("alias", static e => e.AliasAddress), ("to", static e => e is { Kind: DeliveryKind.Report, Recipient: "" } ? "(bounce report)" : e.Recipient),
        ("received", static e => Instant(e.ReceivedAt)), ("tries", static e => e.Attempts.ToString(CultureInfo.InvariantCulture)),
        ("next", static e => e.NextAttemptAt is { } next ? Instant(next) : ""), (LastWord, static e => e.LastReply.Length > 0 ? e.LastReply : e.Reason ?? ""));

    private static object Json(MessageDetails message) => new
    {
        message.Id,
        message.ReceivedAt,
        message.Sender,
        message.ClientAddress,
        message.Helo,
        message.Protocol,
        message.Tls,
        message.TlsDemand,
        message.Origin,
        message.Size,
        message.HeaderFrom,
        message.HeaderMessageId,
        Judgement = Parsed(message.Judgement),
        Deliveries = message.Deliveries.Select(static story => new { Delivery = Json(story.Entry), story.Attempts, story.Bounces }),
        message.HeaderFields,
    };

    /// <summary>As it is stored; null where it is no JSON.</summary>
    internal static JsonNode? Parsed(string? judgement)
    {
        try
        {
            return judgement is null ? null : JsonNode.Parse(judgement);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static object Json(QueueEntry entry) => new
    {
        Id = entry.Key.MessageId,
        entry.Key.Ordinal,
        entry.Kind,
        entry.State,
        entry.Reason,
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
        entry.Tls,
        entry.FinishedAt,
    };

    internal static string Instant(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
