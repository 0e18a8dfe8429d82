using Smtpy.Mail.Addresses;

namespace Smtpy.Mail.Rewriting;

/// <summary>What the reply direction has to know of one message of the owner's.</summary>
public sealed record ReplyRequest
{
    public required EmailAddress Alias { get; init; }

    /// <summary>Beside the alias in From; empty for none.</summary>
    public string FromName { get; init; } = "";

    /// <summary>The owner's mailboxes, none of which may be seen.</summary>
    public required IReadOnlyList<EmailAddress> Hidden { get; init; }

    /// <summary>Who a reverse address stands for; null for an address that is none.</summary>
    public required Func<EmailAddress, Mailbox?> Contact { get; init; }

    /// <summary>Whether an address in To and Cc that is neither a contact's nor the alias may stay as it is written; nobody's unless told.</summary>
    public Func<EmailAddress, bool> StaysAsWritten { get; init; } = static _ => false;

    public required MessageIdSeal MessageIds { get; init; }

    /// <summary>Date at +0000: the owner's time zone stays unknown. The moment is the same.</summary>
    public bool HideTimeZone { get; init; } = true;

    /// <summary>When the message came: the Date of one that has none (RFC 6409 section 8.2). Null: it stays without.</summary>
    public DateTimeOffset? ReceivedAt { get; init; }

    /// <summary>Names of fields that go out beyond the allow-list; compared as the set compares.</summary>
    public IReadOnlySet<string> ExtraFields { get; init; } = ForwardRequest.NoFields;
}

/// <summary>The header that a contact receives.</summary>
/// <param name="Header">Without the empty line that ends it.</param>
/// <param name="MessageId">The new one, with its angle brackets.</param>
/// <param name="LeftOut">Recipients in To and Cc that are neither contacts nor the owner: the message reaches them past the
/// alias or not at all. They are not named to the contact; the caller may rather refuse.</param>
public sealed record ReplyHeader(ReadOnlyMemory<byte> Header, string MessageId, IReadOnlyList<Mailbox> LeftOut);
