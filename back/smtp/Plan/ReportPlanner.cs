using System.Globalization;
using Smtpy.Core.Aliases;
using Smtpy.Core.Messages;
using Smtpy.Core.Storage;
using Smtpy.Mail.Bounces;
using Smtpy.Mail.Server;
using Smtpy.Smtp.Judge;
using Smtpy.Smtp.Receive;
using Smtpy.Smtp.Route;

namespace Smtpy.Smtp.Plan;

/// <summary>
/// Mail to one of our return paths: what came back about something that left. It is put down with the delivery it is about, and kept
/// for the owner to look at until retention ends.
/// </summary>
public sealed class ReportPlanner(ReturnPaths returnPaths, ReportReader reader, FindOrigin origins, TakeBounce bounces) : IRecipientPlanner
{
    public bool Takes(IncomingMessage message, SmtpRecipient recipient, AliasLookup route) =>
        route is { Outcome: AliasOutcome.Hold, AccountId: null }
        && returnPaths.Read(recipient.LocalPart, recipient.Domain).Standing is ReturnPathStanding.Valid or ReturnPathStanding.Expired;

    public async ValueTask<RecipientPlan> PlanAsync(
        IncomingMessage message, Judgement judgement, SmtpRecipient recipient, AliasLookup route, CancellationToken cancellationToken)
    {
        var path = returnPaths.Read(recipient.LocalPart, recipient.Domain);
        var report = await reader.ReadAsync(message, cancellationToken);
        var origin = await origins.RunAsync(path.MessageId, path.Ordinal ?? 0, cancellationToken);
        var delivery = new NewDelivery(
            0, origin?.AccountId, origin?.AliasId, origin?.AliasAddress ?? recipient.Address, "", DeliveryState.Held, Leased: false)
        {
            Kind = DeliveryKind.Report,
            Reason = string.Create(CultureInfo.InvariantCulture, $"{Words(report.Kind)} message {path.MessageId}"),
        };
        if (message.Sender.Length > 0 && report.Kind == ReportKind.NotABounce)
        {
            // A person, or a program that takes the envelope sender for somebody (RFC 5321 section 4.5.5: reports have none).
            return new RecipientPlan { Refusal = new PlanRefusal(Replies.NotAReport, Refusal.UnknownAlias, delivery) };
        }

        if (origin is not null)
        {
            // Before the message is stored: what is sent again for want of an answer is known then, and not taken twice.
            await bounces.RunAsync(origin, report, message.Id, path.Standing == ReturnPathStanding.Expired, cancellationToken);
        }

        return RecipientPlan.Of(delivery);
    }

    private static string Words(ReportKind kind) => kind switch
    {
        ReportKind.Complaint => "complaint about",
        ReportKind.AutoReply => "automatic answer to",
        ReportKind.Delayed => "news of a delay of",
        ReportKind.Delivered => "news of the delivery of",
        ReportKind.NotABounce => "mail about",
        _ => "bounce of",
    };
}
