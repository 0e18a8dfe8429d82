using System.Globalization;
using System.Text;
using Smtpy.Core.Messages;
using Smtpy.Core.Storage;
using Smtpy.Core.Storage.Model;
using Smtpy.Mail.TlsPolicy;
using Smtpy.Smtp.Judge;

namespace Smtpy.Server.Commands;

/// <summary>A message's story in lines for a person: what came in, what was found, where it went, what came back.</summary>
internal static class MessageStory
{
    public static string Tell(MessageDetails message)
    {
        var text = new StringBuilder();
        Line(text, $"message {message.Id}, {message.Size} octets, from {Sender(message.Sender)}");
        TellArrival(text, message);
        TellJudgement(text, Judgement.Parse(message.Judgement));
        foreach (var delivery in message.Deliveries)
        {
            text.AppendLine();
            TellDelivery(text, delivery);
        }

        text.AppendLine();
        if (message.HeaderFields is not { } fields)
        {
            return text.Append("content    no longer stored").ToString();
        }

        Line(text, $"content    stored; write it to a file with: smtpy queue save {message.Id} FILE");
        foreach (var field in fields)
        {
            Line(text, $"  {field.Name}: {field.Value}");
        }

        return text.ToString().TrimEnd();
    }

    public static string Tell(RefusalRow refusal)
    {
        var text = new StringBuilder();
        Line(text, $"refused    {QueueCommand.Instant(refusal.At)} from {refusal.Helo} [{refusal.ClientAddress}]");
        Line(text, $"sender     {Sender(refusal.Sender)}");
        if (refusal.HeaderFrom is { Length: > 0 } author)
        {
            Line(text, $"author     {author}");
        }

        Line(text, $"alias      {refusal.AliasAddress}");
        Line(text, $"answer     {refusal.Reply}");
        TellJudgement(text, Judgement.Parse(refusal.Judgement));
        return text.ToString().TrimEnd();
    }

    private static void TellArrival(StringBuilder text, MessageDetails message)
    {
        var at = QueueCommand.Instant(message.ReceivedAt);
        Line(text, message.Origin is MessageOrigin.Ourselves
            ? $"written    {at} by this server"
            : $"received   {at} from {message.Helo} [{message.ClientAddress}] by {message.Protocol}, {message.Tls ?? "no TLS"}");
        if (message.Origin is MessageOrigin.Submission)
        {
            Line(text, "           submitted by a signed-in client");
        }

        if (message.HeaderFrom is { } author && author != message.Sender)
        {
            Line(text, $"author     {author}");
        }

        if (message.HeaderMessageId is { } id)
        {
            Line(text, $"named      <{id}>");
        }

        if (message.TlsDemand is not TlsDemand.ByPolicy)
        {
            Line(text, $"demands    {message.TlsDemand}");
        }
    }

    private static void TellJudgement(StringBuilder text, Judgement judgement)
    {
        if (judgement.Spf is { } spf)
        {
            Line(text, $"SPF        {spf.Result} for {spf.Domain}{After(spf.Explanation)}");
        }

        // Absent where another version wrote it.
        foreach (var dkim in judgement.Dkim ?? [])
        {
            Line(text, $"DKIM       {dkim.Result} for {dkim.Domain}, selector {dkim.Selector}{After(dkim.Reason)}");
        }

        if (judgement.Dmarc is { } dmarc)
        {
            var asks = dmarc.Result == "fail" ? $", which asks for {dmarc.Disposition}" : "";
            Line(text, $"DMARC      {dmarc.Result} for {dmarc.Domain ?? DomainOf(judgement.From)}, policy {dmarc.Policy ?? "none published"}{asks}");
        }

        if (judgement.Arc is { } arc)
        {
            var seals = arc.Instances == 0 ? "" : $", {arc.Instances} {(arc.Instances == 1 ? "seal" : "seals")}";
            Line(text, $"ARC        {arc.Result}{seals}{(arc.Sealer is { } sealer ? ", the last by " + sealer : "")}");
        }

        if (judgement.Spam is { } spam)
        {
            Line(text, string.Create(CultureInfo.InvariantCulture, $"filter     {spam.Score:0.0} of {spam.Threshold:0.0}: {spam.Action}"));
        }
    }

    private static void TellDelivery(StringBuilder text, DeliveryStory story)
    {
        var entry = story.Entry;
        var to = entry.Recipient.Length == 0 ? "nobody" : entry.Recipient;
        Line(text, $"{Words(entry.Kind),-10} {entry.AliasAddress} → {to}: {State(entry)}");
        if (entry.Reason is { Length: > 0 } reason)
        {
            Line(text, $"           {reason}");
        }

        foreach (var attempt in story.Attempts)
        {
            var host = attempt.RemoteHost.Length == 0 ? "" : $" {attempt.RemoteHost}, {attempt.Tls ?? "no TLS"}";
            Line(text, $"  try {attempt.Number,-4} {QueueCommand.Instant(attempt.At)}{host}: {attempt.Reply}");
        }

        // What has happened since the last try: its destination was left alone, and others were tried.
        if (entry.LastReply.Length > 0 && (story.Attempts.Count == 0 || story.Attempts[^1].Reply != entry.LastReply))
        {
            Line(text, $"  no try   {entry.RemoteHost}: {entry.LastReply}");
        }

        foreach (var bounce in story.Bounces)
        {
            Line(text, $"  back     {QueueCommand.Instant(bounce.At)} {Words(bounce.Kind)}: {Join(bounce)}{(bounce.ReportId > 0 ? $" (message {bounce.ReportId})" : "")}");
        }
    }

    private static string State(QueueEntry entry) => entry switch
    {
        { UnderWay: true } => "under way",
        { State: DeliveryState.Queued, NextAttemptAt: { } next } => "queued, next try " + QueueCommand.Instant(next),
        { FinishedAt: { } end } => $"{Words(entry.State)} {QueueCommand.Instant(end)}",
        _ => Words(entry.State),
    };

    /// <summary>The status mostly stands in the other server's words, too.</summary>
    private static string Join(BounceRow bounce) => string.Join(' ', new[]
    {
        bounce.RemoteHost, bounce.Diagnostic.Contains(bounce.Status, StringComparison.Ordinal) ? "" : bounce.Status, bounce.Diagnostic,
    }.Where(static part => part.Length > 0));

    private static string DomainOf(string? from) => from is null ? "nobody" : from[(from.LastIndexOf('@') + 1)..];

    private static string Sender(string sender) => sender.Length == 0 ? "<> (nobody to answer to)" : sender;

    private static string After(string? words) => string.IsNullOrEmpty(words) ? "" : ": " + words;

    private static string Words<T>(T value)
        where T : struct, Enum => System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());

    /// <summary>Strangers wrote most of it: a line stays a line, and no control reaches the terminal.</summary>
    private static void Line(StringBuilder text, string line) => text.Append(Output.Printable(line)).Append('\n');
}
