using Smtpy.Core.Accounts;
using Smtpy.Core.Aliases;
using Smtpy.Core.Contacts;
using Smtpy.Core.Storage;
using Smtpy.Mail.Addresses;
using Smtpy.Mail.Server;
using Smtpy.Smtp.Judge;
using Smtpy.Smtp.Receive;
using Smtpy.Smtp.Submit;

namespace Smtpy.Smtp.Plan;

/// <summary>
/// Mail of a signed-in client: to each recipient as from the alias, and each becomes a contact. Stands before the other planners:
/// nothing that was submitted is planned by another.
/// </summary>
public sealed class SubmissionPlanner(SubmissionPolicy policy, MeetContact contacts) : IRecipientPlanner
{
    public bool Takes(IncomingMessage message, SmtpRecipient recipient, AliasLookup route) => SubmissionPolicy.SubmitterOf(message.Peer) is not null;

    public async ValueTask<RecipientPlan> PlanAsync(
        IncomingMessage message, Judgement judgement, SmtpRecipient recipient, AliasLookup route, CancellationToken cancellationToken)
    {
        var submitter = SubmissionPolicy.SubmitterOf(message.Peer)!;
        var delivery = new NewDelivery(0, route.AccountId, route.AliasId, route.Address, route.Reverse!.ContactAddress, DeliveryState.Queued, Leased: false)
        {
            Kind = DeliveryKind.Reply,
        };
        if (await OtherAuthorAsync(message, route, submitter, cancellationToken) is { } other)
        {
            return new RecipientPlan
            {
                Refusal = new PlanRefusal(
                    SubmissionReplies.OtherFrom(other, route.Address), Refusal.SubmissionSender,
                    delivery with { State = DeliveryState.Held, Reason = "From is not the alias that it was sent as" }),
            };
        }

        return EmailAddress.TryParse(delivery.Recipient, out var address) && await contacts.RunAsync(route, address, cancellationToken) is { } contact
            ? new RecipientPlan { Deliveries = [delivery], Contacts = [contact] }
            : RecipientPlan.Of(delivery);
    }

    /// <returns>Null where From is the alias alone.</returns>
    private async ValueTask<string?> OtherAuthorAsync(IncomingMessage message, AliasLookup alias, Submitter submitter, CancellationToken cancellationToken)
    {
        var author = Author.Read(message.Inspection.Header.Span);
        return author is { Kind: AuthorKind.One, First: { } from }
            && await policy.FindAliasAsync(from.Address.Address, submitter, cancellationToken) is { } own
            && own.Address.Equals(alias.Address, StringComparison.OrdinalIgnoreCase)
            ? null
            : author.First?.Address.Address ?? "nobody";
    }
}
