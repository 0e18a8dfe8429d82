using Smtpy.Core.Aliases;
using Smtpy.Core.Contacts;
using Smtpy.Core.Storage;
using Smtpy.Mail.Notices;
using Smtpy.Mail.Server;
using Smtpy.Smtp.Judge;
using Smtpy.Smtp.Receive;

namespace Smtpy.Smtp.Plan;

/// <summary>Has every recipient decided and brings the decisions together: one answer, and what is stored.</summary>
/// <param name="planners">The first that takes a recipient decides.</param>
public sealed class MessagePlanner(IEnumerable<IRecipientPlanner> planners)
{
    private readonly IRecipientPlanner[] _planners = [.. planners];

    public async ValueTask<MessagePlan> PlanAsync(IncomingMessage message, Judgement judgement, CancellationToken cancellationToken)
    {
        var recipients = message.Transaction.Recipients;
        var plans = new RecipientPlan[recipients.Count];
        var taken = false;
        for (var i = 0; i < plans.Length; i++)
        {
            var route = (AliasLookup)recipients[i].PolicyState!;
            var planner = Array.Find(_planners, p => p.Takes(message, recipients[i], route))
                ?? throw new InvalidOperationException("No planner takes the recipient.");
            plans[i] = await planner.PlanAsync(message, judgement, recipients[i], route, cancellationToken);
            taken |= plans[i].Refusal is null;
        }

        return taken ? Taken(message.Transaction, plans) : Refused(recipients, plans);
    }

    /// <summary>
    /// One delivery for each mailbox behind each alias, however often and with whatever extensions the alias was named: else one
    /// message could be made a hundred.
    /// </summary>
    private static MessagePlan Taken(SmtpTransaction transaction, RecipientPlan[] plans)
    {
        var recipients = transaction.Recipients;
        var deliveries = new List<NewDelivery>(plans.Length);
        var contacts = new List<Contact>();
        var held = new List<HeldCopy>();
        var stranger = false;
        var seen = plans.Length > 1 ? new HashSet<(string Alias, string Mailbox)>() : null;
        for (var i = 0; i < plans.Length; i++)
        {
            var route = (AliasLookup)recipients[i].PolicyState!;
            contacts.AddRange(plans[i].Contacts);
            stranger |= plans[i].IsFromStranger;
            if ((plans[i].Held ?? Withheld(recipients[i], plans[i].Refusal)) is { } copy)
            {
                held.Add(copy);
            }

            IReadOnlyList<NewDelivery> own = plans[i] is { Refusal: { } refusal, Deliveries.Count: 0 } ? [refusal.Otherwise] : plans[i].Deliveries;
            foreach (var delivery in own)
            {
                if (seen?.Add((route.Address, delivery.Recipient)) != false)
                {
                    deliveries.Add(delivery with { Ordinal = deliveries.Count, Dsn = Dsn(transaction, recipients[i], delivery) });
                }
            }
        }

        return new MessagePlan(deliveries, contacts, [], null) { Held = held, IsFromStranger = stranger };
    }

    /// <summary>Only who was proved to be an owner is ever sent a report; what others ask for is not kept.</summary>
    private static DsnRequest? Dsn(SmtpTransaction transaction, SmtpRecipient recipient, NewDelivery delivery)
    {
        var request = new DsnRequest(recipient.Notify, recipient.OriginalRecipient, transaction.EnvelopeId, transaction.DsnReturn == "FULL");
        return delivery.Kind == DeliveryKind.Reply && request != DsnRequest.None ? request : null;
    }

    /// <summary>Of mail to an alias that is held only because another recipient takes it: its sender is told nothing, so the owner must be.</summary>
    private static HeldCopy? Withheld(SmtpRecipient recipient, PlanRefusal? refusal) =>
        refusal?.Otherwise is { Kind: DeliveryKind.Forward, State: DeliveryState.Held, AccountId: { } account, Reason: { } reason }
            ? new HeldCopy(account, recipient.Address, reason)
            : null;

    private static MessagePlan Refused(IReadOnlyList<SmtpRecipient> recipients, RecipientPlan[] plans)
    {
        var refusals = new List<RecipientRefusal>(plans.Length);
        for (var i = 0; i < plans.Length; i++)
        {
            refusals.Add(new RecipientRefusal(recipients[i], (AliasLookup)recipients[i].PolicyState!, plans[i].Refusal!));
        }

        return new MessagePlan([], [], refusals, plans[0].Refusal!.Reply);
    }
}

/// <param name="Refusals">For the owners' eyes: one for each recipient where the message is refused.</param>
/// <param name="Refusal">The answer where no recipient takes the message; else null.</param>
public sealed record MessagePlan(
    IReadOnlyList<NewDelivery> Deliveries, IReadOnlyList<Contact> Contacts, IReadOnlyList<RecipientRefusal> Refusals, SmtpReply? Refusal)
{
    /// <summary>Whom to tell that mail waits.</summary>
    public IReadOnlyList<HeldCopy> Held { get; init; } = [];

    /// <summary>For one recipient at least the sender is new.</summary>
    public bool IsFromStranger { get; init; }
}

public sealed record RecipientRefusal(SmtpRecipient Recipient, AliasLookup Route, PlanRefusal Refusal);
