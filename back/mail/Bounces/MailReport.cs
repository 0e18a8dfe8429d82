namespace Smtpy.Mail.Bounces;

/// <summary>What an automatic message says, by what is to be done about it.</summary>
public enum ReportKind
{
    /// <summary>None of the others: a person's mail, or a report about something else.</summary>
    NotABounce = 0,

    /// <summary>The address or its domain does not exist or is closed. Trying again will not help.</summary>
    HardBounce = 1,

    /// <summary>Not delivered this time: mailbox full, time-out, message too big. The next one may arrive.</summary>
    SoftBounce = 2,

    /// <summary>Refused for what was sent or who sent it: spam, policy, reputation. Says nothing about the mailbox.</summary>
    Blocked = 3,

    /// <summary>Not delivered, and the report does not say clearly why.</summary>
    UnclassifiedBounce = 4,

    /// <summary>Still being tried.</summary>
    Delayed = 5,

    /// <summary>Arrived, or was handed on.</summary>
    Delivered = 6,

    /// <summary>Out of office, a vacation notice, a read receipt, a challenge.</summary>
    AutoReply = 7,

    /// <summary>The recipient called it spam (RFC 5965), or their provider did for them.</summary>
    Complaint = 8,
}

/// <summary>How the message says it, for statistics and for looking into one that was misread.</summary>
public enum ReportShape
{
    None = 0,

    /// <summary>RFC 3464.</summary>
    DeliveryStatus = 1,

    /// <summary>Text of a mail system, without machine-readable fields.</summary>
    BounceText = 2,

    /// <summary>RFC 5965.</summary>
    Feedback = 3,

    /// <summary>A returned message with a covering note, as Outlook.com's junk mail reporting sends it.</summary>
    ComplaintText = 4,

    /// <summary>RFC 8098.</summary>
    Disposition = 5,

    /// <summary>RFC 3834, or what its sender has instead.</summary>
    Responder = 6,

    /// <summary>A challenge: somebody is asked to prove being a person before the message is delivered.</summary>
    Challenge = 7,
}

/// <summary>One message that came back, as it was read. All of it is the claim of whoever sent it.</summary>
public sealed record MailReport
{
    public static readonly MailReport Nothing = new();

    public ReportKind Kind { get; init; }

    public ReportShape Shape { get; init; }

    /// <summary>Enhanced status code (RFC 3463) of the recipient that decided <see cref="Kind"/>: "5.1.1". Null where none is given.</summary>
    public string? Status { get; init; }

    /// <summary>The remote server's words about that recipient, on one line; empty where there are none.</summary>
    public string Diagnostic { get; init; } = "";

    /// <summary>Name of the server that refused.</summary>
    public string? RemoteMta { get; init; }

    /// <summary>Name of the server that reports.</summary>
    public string? ReportingMta { get; init; }

    public IReadOnlyList<ReportedRecipient> Recipients { get; init; } = [];

    /// <summary>Null where nothing of the original came back.</summary>
    public ReturnedMessage? Original { get; init; }

    /// <summary>For <see cref="ReportShape.Feedback"/>.</summary>
    public FeedbackReport? Feedback { get; init; }

    /// <summary>Whether the message did not and will not arrive at some recipient.</summary>
    public bool IsFailure => Kind is ReportKind.HardBounce or ReportKind.SoftBounce or ReportKind.Blocked or ReportKind.UnclassifiedBounce;
}

/// <param name="Address">As the reporting server delivered to; empty where the report does not say.</param>
/// <param name="OriginalAddress">As it was sent to (ORCPT), where that is said.</param>
/// <param name="Kind">Of this recipient alone.</param>
/// <param name="Status">RFC 3463, or null.</param>
/// <param name="Diagnostic">On one line, cut to <see cref="BounceReaderOptions.MaxTextLength"/>.</param>
/// <param name="RemoteMta">Name of the server that refused, or null.</param>
public sealed record ReportedRecipient(
    string Address, string? OriginalAddress, ReportKind Kind, string? Status, string Diagnostic, string? RemoteMta);

/// <summary>What came back of the message that the report is about.</summary>
/// <param name="MessageId">With its angle brackets, or null.</param>
/// <param name="DeliveredTo">Values of its Delivered-To fields, topmost first: our own trace is among them.</param>
/// <param name="Subject">Decoded, or null.</param>
public sealed record ReturnedMessage(string? MessageId, IReadOnlyList<string> DeliveredTo, string? Subject);

/// <summary>The machine-readable part of a complaint (RFC 5965 section 3).</summary>
public sealed record FeedbackReport
{
    /// <summary>Lower case: "abuse", "fraud", "virus", "not-spam", "auth-failure", "other" (RFC 6650, 6430, 6591).</summary>
    public required string Type { get; init; }

    public string? UserAgent { get; init; }

    public string? OriginalMailFrom { get; init; }

    /// <summary>Often blacked out by the provider, so not always an address.</summary>
    public IReadOnlyList<string> OriginalRecipients { get; init; } = [];

    public DateTimeOffset? ArrivedAt { get; init; }

    public string? SourceIp { get; init; }

    public IReadOnlyList<string> ReportedDomains { get; init; } = [];

    /// <summary>Whether a person or a filter objects to the message: anything but "not-spam" and "auth-failure".</summary>
    public bool IsComplaint => Type is not ("not-spam" or "auth-failure" or "dmarc");
}

/// <summary>How much of a report is looked at. What lies beyond is not read; nothing fails for it.</summary>
public sealed record BounceReaderOptions
{
    /// <summary>Octets. 1 MiB: reports put what matters first, and what is long in one is the returned message.</summary>
    public int MaxOctets { get; init; } = 1 << 20;

    /// <summary>Levels of multipart. 10: a report has two.</summary>
    public int MaxMimeDepth { get; init; } = 10;

    /// <summary>Parts of the tree. 50: a report has three.</summary>
    public int MaxParts { get; init; } = 50;

    /// <summary>Recipients of one report. 100: as many as one transaction has (RFC 5321 section 4.5.3.1.8).</summary>
    public int MaxRecipients { get; init; } = 100;

    /// <summary>Octets of the text that a report without fields is judged by. 32 KiB: those texts are a screen long.</summary>
    public int MaxReportText { get; init; } = 32 * 1024;

    /// <summary>Characters of one value kept. 1,000: the longest reply a server may give in one line (RFC 5321 section 4.5.3.1.5) and more.</summary>
    public int MaxTextLength { get; init; } = 1000;
}
