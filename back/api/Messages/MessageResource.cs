using System.Text.Json;
using System.Text.Json.Nodes;
using Smtpy.Api.Http;
using Smtpy.Core.Messages;
using Smtpy.Core.Storage.Model;

namespace Smtpy.Api.Messages;

/// <summary>One delivery of a message: what was received, for whom, and how it stands.</summary>
/// <param name="Id">The message's number, as in "queued as N".</param>
/// <param name="Ordinal">Which delivery of the message.</param>
/// <param name="Kind">forward, reply, notice or report.</param>
/// <param name="State">queued, delivered, captured, failed, held, discarded or dropped.</param>
/// <param name="UnderWay">True while it is being tried.</param>
/// <param name="Sender">Envelope sender; empty for the null reverse path.</param>
/// <param name="AliasEmail">The address the sender wrote to.</param>
/// <param name="Recipient">Where it goes; empty where it goes nowhere.</param>
/// <param name="Reason">Why it is held, or goes where it goes.</param>
/// <param name="Size">Octets as received.</param>
/// <param name="LastReply">The last word of the other side or, where it was put off untried since then, why; or empty.</param>
public sealed record DeliveryResource(
    long Id, int Ordinal, string Kind, string State, bool UnderWay, string Sender, string AliasEmail, Guid? AliasId, string Recipient, string? Reason,
    long Size, string ReceivedAt, int Attempts, string? NextAttemptAt, string? LastAttemptAt, string LastReply, string RemoteHost, string? Tls,
    string? FinishedAt)
{
    internal static DeliveryResource Of(QueueEntry entry) => new(
        entry.Key.MessageId, entry.Key.Ordinal, Words.Of(entry.Kind), Words.Of(entry.State), entry.UnderWay, entry.Sender, entry.AliasAddress,
        entry.AliasId, entry.Recipient, entry.Reason, entry.Size, Moments.Text(entry.ReceivedAt), entry.Attempts, Moments.Text(entry.NextAttemptAt),
        Moments.Text(entry.LastAttemptAt), entry.LastReply, entry.RemoteHost, entry.Tls, Moments.Text(entry.FinishedAt));
}

/// <summary>A message's story.</summary>
/// <param name="Origin">outside, submission or ourselves.</param>
/// <param name="HeaderFrom">Address in From; null where there is none that can be read.</param>
/// <param name="HeaderMessageId">Message-ID without its angle brackets.</param>
/// <param name="TlsDemand">What the sender asks of the way on (RFC 8689).</param>
/// <param name="Judgement">What SPF, DKIM, DMARC, ARC and the filters said, in the words of RFC 8601; null where nothing was judged.</param>
/// <param name="Deliveries">The caller's own, each with what was tried and what came back.</param>
/// <param name="Header">The message's header fields, unfolded; null where the content is no longer kept.</param>
public sealed record MessageResource(
    long Id, string Origin, string ReceivedAt, string Sender, string? HeaderFrom, string? HeaderMessageId, long Size, ConnectionResource Connection,
    string TlsDemand, JsonNode? Judgement, IReadOnlyList<DeliveryStoryResource> Deliveries, IReadOnlyList<HeaderField>? Header)
{
    internal static MessageResource Of(MessageDetails message) => new(
        message.Id, Words.Of(message.Origin), Moments.Text(message.ReceivedAt), message.Sender, message.HeaderFrom, message.HeaderMessageId,
        message.Size, new ConnectionResource(message.ClientAddress, message.Helo, message.Protocol, message.Tls), Words.Of(message.TlsDemand),
        JudgementResource.Of(message.Judgement), [.. message.Deliveries.Select(DeliveryStoryResource.Of)], message.HeaderFields);
}

/// <param name="ClientAddress">IP address of the client; empty for mail of our own.</param>
/// <param name="Helo">What it called itself.</param>
/// <param name="Tls">Protocol and cipher suite; null for clear text.</param>
public sealed record ConnectionResource(string ClientAddress, string Helo, string Protocol, string? Tls);

/// <param name="History">Each attempt and the reply to it, the oldest first.</param>
/// <param name="Bounces">What came back after it had left.</param>
public sealed record DeliveryStoryResource(DeliveryResource Delivery, IReadOnlyList<AttemptResource> History, IReadOnlyList<BounceResource> Bounces)
{
    internal static DeliveryStoryResource Of(DeliveryStory story) => new(
        DeliveryResource.Of(story.Entry),
        [.. story.Attempts.Select(static a => new AttemptResource(a.Number, Moments.Text(a.At), a.Reply, a.RemoteHost, a.Tls))],
        [.. story.Bounces.Select(BounceResource.Of)]);
}

/// <param name="Number">1, 2, …</param>
/// <param name="Reply">What the other side said, or our own reason.</param>
/// <param name="RemoteHost">Host and port; empty where none was reached.</param>
/// <param name="Tls">Null where there was no session.</param>
public sealed record AttemptResource(int Number, string At, string Reply, string RemoteHost, string? Tls);

/// <summary>What came back about a message that had left.</summary>
/// <param name="MessageId">The message that had left, by its number.</param>
/// <param name="ReportId">The message that brought the report.</param>
/// <param name="Kind">hard, soft, blocked, complaint, auto_reply, delayed, delivered or unknown.</param>
/// <param name="Status">Enhanced status code (RFC 3463); empty where none was given.</param>
public sealed record BounceResource(
    Guid Id, string At, long MessageId, int Ordinal, long ReportId, string Kind, string AliasEmail, string Recipient, string Status, string Diagnostic,
    string RemoteHost)
{
    internal static BounceResource Of(BounceRow bounce) => new(
        bounce.Id, Moments.Text(bounce.At), bounce.MessageId, bounce.Ordinal, bounce.ReportId, Words.Of(bounce.Kind), bounce.AliasAddress,
        bounce.Recipient, bounce.Status, bounce.Diagnostic, bounce.RemoteHost);
}

/// <summary>Mail that was not taken. Nothing of its content is kept.</summary>
/// <param name="Reply">What the sender's server was told.</param>
public sealed record RefusalResource(
    Guid Id, string At, string AliasEmail, string Sender, string? HeaderFrom, string ClientAddress, string Helo, string Reply, JsonNode? Judgement)
{
    internal static RefusalResource Of(RefusalRow refusal) => new(
        refusal.Id, Moments.Text(refusal.At), refusal.AliasAddress, refusal.Sender, refusal.HeaderFrom, refusal.ClientAddress, refusal.Helo,
        refusal.Reply, JudgementResource.Of(refusal.Judgement));
}

/// <summary>The stored judgement with its names in the API's spelling.</summary>
internal static class JudgementResource
{
    /// <returns>Null for null and for what is no JSON object.</returns>
    public static JsonNode? Of(string? stored)
    {
        if (string.IsNullOrEmpty(stored))
        {
            return null;
        }

        try
        {
            return Respell(JsonNode.Parse(stored) as JsonObject);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static JsonNode? Respell(JsonNode? node) => node switch
    {
        JsonObject fields => new JsonObject(
            fields.Select(static f => KeyValuePair.Create(JsonNamingPolicy.SnakeCaseLower.ConvertName(f.Key), Respell(f.Value)))),
        JsonArray items => new JsonArray([.. items.Select(Respell)]),
        _ => node?.DeepClone(),
    };
}
