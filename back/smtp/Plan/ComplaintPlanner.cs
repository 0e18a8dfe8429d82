using Smtpy.Core.Aliases;
using Smtpy.Core.Messages;
using Smtpy.Mail.Addresses;
using Smtpy.Mail.Bounces;
using Smtpy.Mail.Server;
using Smtpy.Smtp.Judge;
using Smtpy.Smtp.Receive;
using Smtpy.Smtp.Route;

namespace Smtpy.Smtp.Plan;

/// <summary>
/// Mail to postmaster or abuse goes where it goes; where it is a complaint (RFC 5965) about something that left with one of our return
/// paths, it is put down with that, too.
/// </summary>
public sealed class ComplaintPlanner(
    IRecipientPlanner others, ReturnPaths returnPaths, ReportReader reader, FindOrigin origins, TakeBounce bounces) : IRecipientPlanner
{
    public bool Takes(IncomingMessage message, SmtpRecipient recipient, AliasLookup route) =>
        RoleAddresses.IsRole(recipient.LocalPart) && route.Outcome is AliasOutcome.Forward or AliasOutcome.Hold
        && AutomaticMail.Signs(message.Inspection.Header.Span).HasFlag(AutomaticSigns.Report);

    public async ValueTask<RecipientPlan> PlanAsync(
        IncomingMessage message, Judgement judgement, SmtpRecipient recipient, AliasLookup route, CancellationToken cancellationToken)
    {
        var plan = await others.PlanAsync(message, judgement, recipient, route, cancellationToken);
        var report = await reader.ReadAsync(message, cancellationToken);
        if (plan.Refusal is null && report.Kind == ReportKind.Complaint
            && EmailAddress.TryParse(report.Feedback?.OriginalMailFrom?.Trim(' ', '<', '>'), out var sender)
            && returnPaths.Read(sender.LocalPart, sender.Domain) is { Standing: ReturnPathStanding.Valid or ReturnPathStanding.Expired } path
            && await origins.RunAsync(path.MessageId, path.Ordinal ?? 0, cancellationToken) is { } origin)
        {
            await bounces.RunAsync(origin, report, message.Id, isLate: false, cancellationToken);
        }

        return plan;
    }
}
