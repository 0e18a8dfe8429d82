using Smtpy.Mail.Dkim;

namespace Smtpy.Smtp.Receive;

public sealed record ReceiveOptions
{
    public required string Hostname { get; init; }

    /// <summary>Received header fields a message may arrive with. 50: Postfix's hopcount_limit; RFC 5321 section 6.3 asks for at least 100 hops to be allowed only where no better guard exists, and ours has Delivered-To.</summary>
    public int MaxHops { get; init; } = 50;

    /// <summary>
    /// Octets of header a message may come with. 1 MiB: ten times what Postfix reads of one; the header is read as a whole, to be judged
    /// and rewritten.
    /// </summary>
    public int MaxHeaderSize { get; init; } = 1024 * 1024;

    /// <summary>Refusals put down for owners in a minute; others are only counted and logged. 600: ten a second is a flood, not correspondence.</summary>
    public int MaxRefusalsPerMinute { get; init; } = 600;

    /// <summary>Those of one account. 60: a tenth, so that one whose domain is attacked leaves room for what others miss.</summary>
    public int MaxRefusalsPerAccountAndMinute { get; init; } = 60;

    /// <summary>Bounds of looking at signatures.</summary>
    public DkimVerifierOptions Signatures { get; init; } = new();

    /// <summary>Octets of a message that are gathered in memory before they are stored ahead as one part. 256 KiB: most messages are one part.</summary>
    public int PartSize { get; init; } = 256 * 1024;

    /// <summary>
    /// SMTP_RECEIVE_MEMORY: octets that all messages under way may hold of memory together, their buffers and what was read of their
    /// headers. 128 MiB: 13 kB for each of 10,000 connections, or 500 large messages at once; beside it the 64 MiB of waiting outgoing
    /// mail, the connections themselves and the program fit the production container's 1 GiB.
    /// </summary>
    public long MemoryOctets { get; init; } = 128 * 1024 * 1024;

    /// <summary>An eighth where memory is scarce: 32 KiB are still worth a write of their own.</summary>
    internal int PartSizeWhere(bool memoryIsScarce) => memoryIsScarce ? PartSize / 8 : PartSize;

    /// <summary>FIRST_SENDER_DELAY: how long the answer to a message waits whose sender is no contact yet. Zero: not at all.</summary>
    public TimeSpan FirstSenderDelay { get; init; }
}
