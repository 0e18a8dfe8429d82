namespace Smtpy.Mail.Addresses;

/// <summary>A mailbox of an address list (RFC 5322 section 3.4).</summary>
/// <param name="DisplayName">Decoded, for people; empty where there is none. May hold anything, addresses of others included.</param>
/// <param name="Address">What mail clients write to, and what is judged.</param>
public sealed record Mailbox(string DisplayName, EmailAddress Address);

/// <summary>What could be read of an address list.</summary>
/// <param name="Unreadable">Entries that name something but no address that mail could go to.</param>
/// <param name="IsCut">Whether a limit was met, so that there is more than what is here.</param>
public sealed record AddressList(IReadOnlyList<Mailbox> Mailboxes, int Unreadable, bool IsCut)
{
    public static AddressList Empty { get; } = new([], 0, false);

    /// <summary>
    /// Reads a raw header value, folded as it stands: groups, comments, quoted strings, routes and the rest of RFC 5322
    /// sections 3.4 and 4.4, UTF-8 (RFC 6532), and what programs write that never read one of them: lists with
    /// semicolons, names without quotes, addresses without angle brackets. Never fails.
    /// </summary>
    public static AddressList Parse(ReadOnlySpan<byte> value, AddressListLimits? limits = null) =>
        AddressListParser.Parse(value, limits ?? AddressListLimits.Default);
}

/// <summary>Bounds the work on one address list.</summary>
public sealed record AddressListLimits
{
    public static AddressListLimits Default { get; } = new();

    /// <summary>Mailboxes read. 100 is what one SMTP transaction takes at least (RFC 5321 section 4.5.3.1.8).</summary>
    public int MaxMailboxes { get; init; } = 100;

    /// <summary>Octets read: 100 mailboxes of 254 octets with long names.</summary>
    public int MaxOctets { get; init; } = 64 * 1024;
}
