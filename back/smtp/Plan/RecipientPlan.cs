using Smtpy.Core.Contacts;
using Smtpy.Core.Storage;
using Smtpy.Mail.Server;
using Smtpy.Smtp.Receive;

namespace Smtpy.Smtp.Plan;

/// <summary>What becomes of a message for one recipient: deliveries, or a refusal.</summary>
public sealed record RecipientPlan
{
    /// <summary>
    /// Ordinals and leases are given later. For a refusal, what is stored where the message is taken for another recipient, if that is
    /// more than <see cref="PlanRefusal.Otherwise"/>.
    /// </summary>
    public IReadOnlyList<NewDelivery> Deliveries { get; init; } = [];

    /// <summary>Contacts that these deliveries need and that are not stored yet.</summary>
    public IReadOnlyList<Contact> Contacts { get; init; } = [];

    /// <summary>
    /// Set: the message is not taken for this recipient. Where it is taken for another, this one's copy is held instead, since
    /// one answer goes for all (RFC 5321 section 4.2.5).
    /// </summary>
    public PlanRefusal? Refusal { get; init; }

    /// <summary>Set: the owner is told that mail waits for them.</summary>
    public HeldCopy? Held { get; init; }

    /// <summary>The sender has not written to the alias before, and nobody has said anything about them.</summary>
    public bool IsFromStranger { get; init; }

    public static RecipientPlan Of(params IReadOnlyList<NewDelivery> deliveries) => new() { Deliveries = deliveries };
}

/// <param name="Reply">The answer to the end of data.</param>
/// <param name="Reason">For metrics and logs.</param>
/// <param name="Otherwise">What is stored where the message is taken for another recipient.</param>
public sealed record PlanRefusal(SmtpReply Reply, Refusal Reason, NewDelivery Otherwise);

/// <param name="Address">As the sender wrote it.</param>
/// <param name="Reason">One line for the owner.</param>
public sealed record HeldCopy(Guid AccountId, string Address, string Reason);
