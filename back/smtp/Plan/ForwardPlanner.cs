using Smtpy.Core.Aliases;
using Smtpy.Core.Rules;
using Smtpy.Core.Storage;
using Smtpy.Mail.Server;
using Smtpy.Smtp.Judge;
using Smtpy.Smtp.Receive;

namespace Smtpy.Smtp.Plan;

/// <summary>
/// Mail to an alias: one delivery for each mailbox behind it, unless the policy holds or refuses it. What goes nowhere is recorded all
/// the same.
/// </summary>
public sealed class ForwardPlanner(SenderStandings standings, ForwardPolicy policy, NewContacts contacts) : IRecipientPlanner
{
    /// <summary>Stands last: whatever no other planner takes.</summary>
    public bool Takes(IncomingMessage message, SmtpRecipient recipient, AliasLookup route) => true;

    public ValueTask<RecipientPlan> PlanAsync(
        IncomingMessage message, Judgement judgement, SmtpRecipient recipient, AliasLookup route, CancellationToken cancellationToken)
    {
        if (route.Outcome != AliasOutcome.Forward)
        {
            var state = route.Outcome == AliasOutcome.Discard ? DeliveryState.Discarded : DeliveryState.Held;
            return ValueTask.FromResult(RecipientPlan.Of(Delivery(recipient, route, "", state)));
        }

        // The operator's mail and self-tests have no handling: they are always forwarded.
        return route is { AccountId: { } account, Handling: { } handling }
            ? PlanAsync(message, judgement, recipient, route, account, handling, cancellationToken)
            : ValueTask.FromResult(RecipientPlan.Of(Deliveries(recipient, route)));
    }

    private async ValueTask<RecipientPlan> PlanAsync(
        IncomingMessage message, Judgement judgement, SmtpRecipient recipient, AliasLookup route, Guid account, AliasHandling handling,
        CancellationToken cancellationToken)
    {
        var sender = await standings.FindAsync(message, judgement, route, account, cancellationToken);
        var client = message.Peer.RemoteEndPoint.Address.ToString();
        if (policy.Decide(new ForwardCase(judgement, handling, sender) { Client = client, IsRole = RoleAddresses.Includes(route.Address) }) is { } decision)
        {
            return Withhold(decision, recipient, route, account);
        }

        return RecipientPlan.Of(Deliveries(recipient, route)) with
        {
            Contacts = await contacts.FindAsync(message, route, account, sender, cancellationToken),
            IsFromStranger = sender is { Contact: null, Verdict: null, IsOwner: false },
        };
    }

    /// <summary>What is held makes no contacts: else a forger would be a known sender the next time.</summary>
    private static RecipientPlan Withhold(ForwardDecision decision, SmtpRecipient recipient, AliasLookup route, Guid account)
    {
        var later = decision.Reply is { IsTransient: true };
        var deliveries = Deliveries(recipient, route);
        if (!later)
        {
            deliveries = Array.ConvertAll(deliveries, delivery => delivery with { State = DeliveryState.Held, Reason = decision.Reason });
        }

        return decision.Reply is { } reply
            ? new RecipientPlan
            {
                // Where another recipient takes the message it is here: it cannot be told to come again, and must not be lost.
                Deliveries = deliveries,
                Refusal = new PlanRefusal(reply, decision.Refusal, deliveries[0]),
            }
            : new RecipientPlan { Deliveries = deliveries, Held = new HeldCopy(account, recipient.Address, decision.Reason) };
    }

    private static NewDelivery[] Deliveries(SmtpRecipient recipient, AliasLookup route)
    {
        var deliveries = new NewDelivery[route.Recipients.Count];
        for (var i = 0; i < deliveries.Length; i++)
        {
            var mailbox = route.Recipients[i];
            deliveries[i] = route.Paused.Contains(mailbox)
                ? Delivery(recipient, route, mailbox, DeliveryState.Held) with { Reason = "the mailbox is paused" }
                : Delivery(recipient, route, mailbox, DeliveryState.Queued);
        }

        return deliveries;
    }

    private static NewDelivery Delivery(SmtpRecipient recipient, AliasLookup route, string mailbox, DeliveryState state) =>
        new(0, route.AccountId, route.AliasId, recipient.Address, mailbox, state, Leased: false);
}
