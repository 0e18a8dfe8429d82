using Smtpy.Api.Http;
using Smtpy.Core.Messages;
using Smtpy.Core.Storage;
using Smtpy.Core.Storage.Model;

namespace Smtpy.Api.Messages;

/// <summary>A delivery that failed or is held, or mail that was refused, as addy.io shows it.</summary>
/// <param name="Id">Stands for a message and one of its deliveries.</param>
/// <param name="BounceType">hard; null where nothing bounced.</param>
/// <param name="IrDedupeKey">Always null.</param>
/// <param name="Type">outbound: it failed; inbound_quarantined: it is held; inbound: it was refused.</param>
/// <param name="EmailType">F: to an alias; R: from one; N: a notice; IR: refused.</param>
/// <param name="Status">Enhanced status code (RFC 3463); null where none was given.</param>
/// <param name="Code">The last reply, or the reason.</param>
/// <param name="IsStored">Whether the message can be downloaded and sent again.</param>
/// <param name="Quarantined">Whether it is held.</param>
/// <param name="Resent">Always false: what is sent again is listed no more.</param>
public sealed record FailedDeliveryResource(
    Guid Id, Guid UserId, Guid? RecipientId, string? RecipientEmail, Guid? AliasId, string? AliasEmail, string? AliasDescription, string? BounceType,
    string? RemoteMta, string? Sender, string? Destination, string? IrDedupeKey, string Type, string EmailType, string EmailTypeText, string? Status,
    string? Code, bool IsStored, bool Quarantined, bool Resent, string? AttemptedAt, string CreatedAt, string UpdatedAt)
{
    internal const string Refused = "inbound";
    internal const string Failed = "outbound";
    internal const string Held = "inbound_quarantined";

    internal static FailedDeliveryResource Of(FailedDelivery failed)
    {
        var entry = failed.Entry;
        var held = entry.State is DeliveryState.Held;
        var (type, text) = entry.Kind switch
        {
            DeliveryKind.Reply => ("R", "Reply"),
            DeliveryKind.Notice => ("N", "Notice"),
            DeliveryKind.Report => ("B", "Report"),
            _ => ("F", "Forward"),
        };
        var code = entry.LastReply.Length > 0 ? entry.LastReply : entry.Reason;
        return new FailedDeliveryResource(
            DeliveryIds.Of(entry.Key), failed.AccountId, failed.RecipientId, Text(entry.Recipient), entry.AliasId, entry.AliasAddress,
            Text(failed.AliasDescription), held ? null : "hard", Text(entry.RemoteHost), Text(entry.Sender), Text(entry.Recipient), null,
            held ? Held : Failed, type, text, StatusOf(code), code, true, held, false, Moments.Text(entry.LastAttemptAt),
            Moments.Text(entry.ReceivedAt), Moments.Text(entry.FinishedAt ?? entry.LastAttemptAt ?? entry.ReceivedAt));
    }

    internal static FailedDeliveryResource Of(RefusalRow refusal) => new(
        refusal.Id, refusal.AccountId ?? Guid.Empty, null, null, null, Text(refusal.AliasAddress), null, null, null, Text(refusal.Sender),
        Text(refusal.AliasAddress), null, Refused, "IR", "Inbound Rejection", StatusOf(refusal.Reply), refusal.Reply, false, false, false,
        Moments.Text(refusal.At), Moments.Text(refusal.At), Moments.Text(refusal.At));

    private static string? Text(string? text) => string.IsNullOrEmpty(text) ? null : text;

    /// <summary>Of "550 5.1.1 no such user": 5.1.1.</summary>
    private static string? StatusOf(string? reply) =>
        reply?.Split(' ', 3) is [_, var code, ..] && code.Split('.') is [{ Length: 1 }, { Length: > 0 and < 4 }, { Length: > 0 and < 4 }]
            && code.All(static c => char.IsAsciiDigit(c) || c == '.') ? code : null;
}
