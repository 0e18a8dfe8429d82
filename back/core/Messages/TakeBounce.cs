using Smtpy.Core.Accounts;
using Smtpy.Core.Recipients;
using Smtpy.Core.Storage;
using Smtpy.Core.Storage.Model;
using Smtpy.Core.Storage.Postgres;
using Smtpy.Mail.Bounces;

namespace Smtpy.Core.Messages;

/// <summary>
/// What follows when something comes back about a delivery, by mail or as a refusal: it is put down, the owner is told of what did
/// not arrive, and a mailbox that is gone is paused.
/// </summary>
public sealed class TakeBounce(RecordBounce record, PauseRecipient pause, IOwnerNotices notices, TimeProvider time)
{
    /// <param name="reportId">The message that brought the report; 0 where a server refused us directly.</param>
    /// <param name="isLate">The return path has expired: put down, but too old to act on.</param>
    /// <exception cref="StorageException">The database cannot be read or written.</exception>
    public async Task RunAsync(Origin origin, MailReport report, long reportId, bool isLate, CancellationToken cancellationToken)
    {
        foreach (var (recipient, said, isNamed) in Match(origin, report))
        {
            var isNew = await record.RunAsync(Row(origin, recipient, said, reportId), cancellationToken);
            if (isNew && !isLate && origin is { AccountId: { } account, Kind: not DeliveryKind.Notice })
            {
                await ActAsync(account, origin, recipient, said, isNamed, cancellationToken);
            }
        }
    }

    private async Task ActAsync(
        Guid account, Origin origin, OriginRecipient recipient, MailReport said, bool isNamed, CancellationToken cancellationToken)
    {
        if (said.IsFailure || said.Kind == ReportKind.Complaint)
        {
            await notices.SendAsync(account, new BounceSeenNotice(origin.Key.MessageId, origin.AliasAddress, recipient.Address, said), cancellationToken);
        }

        if (isNamed && said.Kind == ReportKind.HardBounce && origin.Kind == DeliveryKind.Forward)
        {
            await pause.RunAsync(account, recipient.Address, cancellationToken);
        }
    }

    /// <summary>
    /// One report may speak of several that left together. Where it names none of them it is about the one there was, or about nobody knows
    /// which: then all are named, and none is taken to be gone.
    /// </summary>
    private static IEnumerable<(OriginRecipient Recipient, MailReport Said, bool IsNamed)> Match(Origin origin, MailReport report)
    {
        var matched = new HashSet<int>();
        foreach (var reported in report.Recipients)
        {
            if (origin.Recipients.FirstOrDefault(r => IsSame(r, reported)) is { } recipient && matched.Add(recipient.Ordinal))
            {
                yield return (recipient, report with
                {
                    Kind = report.Kind == ReportKind.Complaint ? report.Kind : reported.Kind,
                    Status = reported.Status,
                    Diagnostic = reported.Diagnostic,
                    RemoteMta = reported.RemoteMta,
                }, true);
            }
        }

        if (matched.Count == 0)
        {
            var isAlone = origin.Recipients.Count == 1;
            var together = string.Join(" or ", origin.Recipients.Select(static r => r.Address));
            yield return (new OriginRecipient(origin.Key.Ordinal, isAlone ? origin.Recipient : together), report, isAlone);
        }
    }

    private static bool IsSame(OriginRecipient recipient, ReportedRecipient reported) =>
        recipient.Address.Length > 0
        && (recipient.Address.Equals(reported.Address, StringComparison.OrdinalIgnoreCase)
            || recipient.Address.Equals(reported.OriginalAddress, StringComparison.OrdinalIgnoreCase));

    private BounceRow Row(Origin origin, OriginRecipient recipient, MailReport said, long reportId) => new()
    {
        Id = Guid.CreateVersion7(time.GetUtcNow()),
        At = time.GetUtcNow(),
        AccountId = origin.AccountId,
        MessageId = origin.Key.MessageId,
        Ordinal = recipient.Ordinal,
        ReportId = reportId,
        Kind = KindOf(said.Kind),
        AliasAddress = origin.AliasAddress,
        Recipient = recipient.Address,
        Status = Storable(said.Status),
        Diagnostic = Storable(said.Diagnostic),
        RemoteHost = Storable(said.RemoteMta ?? said.ReportingMta),
    };

    private static string Storable(string? text) => StorableText.Of(text ?? "");

    private static BounceKind KindOf(ReportKind kind) => kind switch
    {
        ReportKind.HardBounce => BounceKind.Hard,
        ReportKind.SoftBounce => BounceKind.Soft,
        ReportKind.Blocked => BounceKind.Blocked,
        ReportKind.Complaint => BounceKind.Complaint,
        ReportKind.AutoReply => BounceKind.AutoReply,
        ReportKind.Delayed => BounceKind.Delayed,
        ReportKind.Delivered => BounceKind.Delivered,
        _ => BounceKind.Unknown,
    };
}
