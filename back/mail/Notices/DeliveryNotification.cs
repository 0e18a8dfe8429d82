namespace Smtpy.Mail.Notices;

/// <summary>What a delivery status notification says (RFC 3464 section 2.3.3).</summary>
public enum NotificationAction
{
    Failed = 0,
    Delayed = 1,
    Delivered = 2,

    /// <summary>Handed to a server that sends no notifications of success.</summary>
    Relayed = 3,
}

/// <summary>A delivery status notification to be written (RFC 3461, 3464).</summary>
public sealed record DeliveryNotification
{
    public required NotificationAction Action { get; init; }

    /// <summary>The envelope sender of the message; not null (RFC 5321 section 4.5.5) and authenticated: anything else is backscatter.</summary>
    public required string To { get; init; }

    /// <summary>At least one.</summary>
    public required IReadOnlyList<NotifiedRecipient> Recipients { get; init; }

    /// <summary>When the message came.</summary>
    public required DateTimeOffset ArrivedAt { get; init; }

    /// <summary>ENVID of the transaction, xtext decoded; null where it had none (RFC 3461 section 4.4).</summary>
    public string? EnvelopeId { get; init; }

    /// <summary>RET: the whole message back (FULL) or its header (HDRS, and where nothing was asked).</summary>
    public bool ReturnFull { get; init; }

    /// <summary>
    /// The message as its sender sent it: never a rewritten one. May be its beginning only, as long as all of the header is in
    /// it and <see cref="OriginalIsWhole"/> says so. Empty where it is not kept any more: that part is left out (RFC 3464 section 2).
    /// </summary>
    public ReadOnlyMemory<byte> Original { get; init; }

    public bool OriginalIsWhole { get; init; } = true;

    /// <summary>For <see cref="NotificationAction.Delayed"/>: how long it is tried.</summary>
    public DateTimeOffset? WillRetryUntil { get; init; }

    /// <summary>Whether the original's sender used SMTPUTF8, so that the notification may be internationalised (RFC 6533 section 4).</summary>
    public bool SmtpUtf8 { get; init; }
}

/// <summary>One recipient of a delivery status notification.</summary>
public sealed record NotifiedRecipient
{
    /// <summary>The address that the reader sent to. For mail to an alias this is the alias, never the mailbox behind it.</summary>
    public required string Address { get; init; }

    /// <summary>ORCPT as it was given: "rfc822;jane@shop.example"; null where there was none.</summary>
    public string? OriginalRecipient { get; init; }

    /// <summary>RFC 3463.</summary>
    public required string Status { get; init; }

    /// <summary>Reply code of the server that refused; 0 where none answered.</summary>
    public int ReplyCode { get; init; }

    /// <summary>That server's words.</summary>
    public string Reply { get; init; } = "";

    /// <summary>That server's name.</summary>
    public string? RemoteMta { get; init; }

    /// <summary>
    /// Whether the reader may see <see cref="Reply"/> and <see cref="RemoteMta"/>. Both can tell the mailbox behind an alias or who
    /// keeps it, so by default only the codes are passed on. True where the reader wrote to that server's recipient knowingly.
    /// </summary>
    public bool DiscloseRemote { get; init; }
}

/// <summary>How much of a message comes back in a notification.</summary>
public sealed record DsnWriterOptions
{
    /// <summary>Octets. 100 KiB: a longer message comes back as its header; its sender has it anyway (RFC 3461 section 4.3).</summary>
    public int MaxReturnedMessage { get; init; } = 100 * 1024;

    /// <summary>Octets; whole fields are left out beyond it. 32 KiB: more than mail has.</summary>
    public int MaxReturnedHeader { get; init; } = 32 * 1024;

    /// <summary>Recipients in one notification; further ones are left to another. 100: as many as one transaction has.</summary>
    public int MaxRecipients { get; init; } = 100;
}
