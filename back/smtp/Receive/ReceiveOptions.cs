namespace Smtpy.Smtp.Receive;

public sealed record ReceiveOptions
{
    public required string Hostname { get; init; }

    /// <summary>
    /// Whether a REQUIRETLS message (RFC 8689) is kept from ever leaving without verified TLS. True for the capture mailbox only:
    /// what is forwarded cannot promise it yet, so such a message is refused at MAIL and its sender is told at once.
    /// </summary>
    public bool KeepsRequireTls { get; init; }

    /// <summary>Received header fields a message may arrive with. 50: Postfix's hopcount_limit; RFC 5321 section 6.3 asks for at least 100 hops to be allowed only where no better guard exists, and ours has Delivered-To.</summary>
    public int MaxHops { get; init; } = 50;

    /// <summary>Octets of a message that are gathered in memory before they are stored ahead as one part. 256 KiB: most messages are one part.</summary>
    public int PartSize { get; init; } = 256 * 1024;
}
