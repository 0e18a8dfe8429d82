using Smtpy.Core.Storage;
using Smtpy.Mail.Bounces;
using Smtpy.Mail.Notices;

namespace Smtpy.Core.Accounts;

/// <summary>Something an owner is told of. How often, and in which words, is not for who has seen it to say.</summary>
/// <param name="MessageId">The message it is about; null where it is about none that is stored.</param>
public abstract record OwnerNotice(long? MessageId)
{
    /// <summary>Header fields of the message, attached where given.</summary>
    public ReadOnlyMemory<byte> HeaderExcerpt { get; init; }

    /// <summary>A mailbox that does not take mail: no notice goes there. Null where there is none.</summary>
    internal virtual string? Unreachable => null;

    /// <summary>What is counted together, in words for the owner; stored as the reason of the notice's delivery.</summary>
    internal abstract string Kind { get; }

    internal abstract Notice Write(OwnerWays ways, DateTimeOffset now, RetentionPolicy retention);
}

/// <param name="Address">The address that the message was sent to.</param>
/// <param name="Sender">Who sent it; empty for the null reverse path.</param>
/// <param name="Reason">Why, in one line.</param>
public sealed record MessageHeldNotice(long Held, string Address, string Sender, string Reason) : OwnerNotice(Held)
{
    internal override string Kind => "message held";

    internal override Notice Write(OwnerWays ways, DateTimeOffset now, RetentionPolicy retention) =>
        OwnerNotices.MessageHeld(Address, Sender, Reason, ways.Held(Held), now + retention.FailedContent);
}

/// <param name="Alias">The alias that it was to leave by.</param>
/// <param name="Contact">Whom it was meant for.</param>
/// <param name="Reason">Why, in one line.</param>
public sealed record ReplyHeldNotice(long Held, string Alias, string Contact, string Reason) : OwnerNotice(Held)
{
    internal override string Kind => "message held";

    internal override Notice Write(OwnerWays ways, DateTimeOffset now, RetentionPolicy retention) =>
        OwnerNotices.ReplyHeld(Alias, Contact, Reason, ways.Held(Held), now + retention.FailedContent);
}

/// <param name="Returned">The message that had left, not the one that brought the report.</param>
/// <param name="Alias">The alias that it went through.</param>
/// <param name="Recipient">The mailbox or contact that it did not reach.</param>
public sealed record BounceSeenNotice(long Returned, string Alias, string Recipient, MailReport Report) : OwnerNotice(Returned)
{
    internal override string? Unreachable => Recipient;

    internal override string Kind => "message came back";

    internal override Notice Write(OwnerWays ways, DateTimeOffset now, RetentionPolicy retention) =>
        OwnerNotices.BounceSeen(Alias, Recipient, Report, ways.Story(Returned));
}

/// <param name="Recipient">The mailbox that mail came back from.</param>
/// <param name="Bounces">How many messages came back.</param>
public sealed record RecipientPausedNotice(string Recipient, int Bounces) : OwnerNotice((long?)null)
{
    internal override string? Unreachable => Recipient;

    internal override string Kind => "recipient paused";

    internal override Notice Write(OwnerWays ways, DateTimeOffset now, RetentionPolicy retention) =>
        OwnerNotices.RecipientPaused(Recipient, Bounces, ways.Resume(Recipient));
}

/// <param name="Refused">The message; null where nothing of it is stored.</param>
/// <param name="Alias">The alias that the reply was to leave through.</param>
/// <param name="Contact">Whom it was meant for.</param>
/// <param name="Reason">Why, as a clause: "your mail server did not sign it".</param>
public sealed record ReplyRefusedNotice(long? Refused, string Alias, string Contact, string Reason) : OwnerNotice(Refused)
{
    internal override string Kind => "reply refused";

    internal override Notice Write(OwnerWays ways, DateTimeOffset now, RetentionPolicy retention) =>
        OwnerNotices.ReplyRefused(Alias, Contact, Reason);
}
