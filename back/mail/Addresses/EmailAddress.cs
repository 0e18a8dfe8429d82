using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;

namespace Smtpy.Mail.Addresses;

/// <summary>One mailbox address, "local@domain" (RFC 5321 section 4.1.2, RFC 6531 section 3.3).</summary>
public sealed record EmailAddress
{
    private EmailAddress(string localPart, string domain, string address) =>
        (LocalPart, Domain, Address) = (localPart, domain, address);

    /// <summary>Without quoting, in the case it was given.</summary>
    public string LocalPart { get; }

    /// <summary>Lower case, A-labels.</summary>
    public string Domain { get; }

    /// <summary>Fit for an SMTP command line: the local part as it was given (quoted where it was), "@", <see cref="Domain"/>.</summary>
    public string Address { get; }

    public override string ToString() => Address;

    /// <param name="text">An address without angle brackets and display name.</param>
    /// <param name="reason">Where false is returned, what is wrong, as the end of a sentence: "has no @".</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out EmailAddress? address, [NotNullWhen(false)] out string? reason)
    {
        address = null;
        reason = text is null ? "is missing" : Parse(text, out address);
        return reason is null;
    }

    public static bool TryParse(string? text, [NotNullWhen(true)] out EmailAddress? address) => TryParse(text, out address, out _);

    /// <summary>As above, from octets as they stand in a message.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> utf8, [NotNullWhen(true)] out EmailAddress? address)
    {
        address = null;
        return utf8.Length is > 0 and <= AddressLimits.Path - 2 && Parse(utf8, out address) is null;
    }

    /// <summary>
    /// Whether mail to both is taken as mail to one mailbox: the domain is compared as RFC 5321 section 2.4 says, the local part
    /// without its case, because no provider in use tells two mailboxes apart by it.
    /// </summary>
    public bool IsSameMailbox(EmailAddress? other) => other is not null
        && string.Equals(Domain, other.Domain, StringComparison.Ordinal)
        && string.Equals(LocalPart, other.LocalPart, StringComparison.OrdinalIgnoreCase);

    private static string? Parse(string text, out EmailAddress? address)
    {
        address = null;
        if (text.Length == 0)
        {
            return "is empty";
        }

        Span<byte> octets = stackalloc byte[AddressLimits.Path - 2];
        switch (Utf8.FromUtf16(text, octets, out _, out var written, replaceInvalidSequences: false))
        {
            case OperationStatus.Done:
                octets = octets[..written];
                break;
            case OperationStatus.DestinationTooSmall:
                return $"is longer than {AddressLimits.Path - 2} octets";
            default:
                return "is not valid Unicode text";
        }

        return Parse(octets, out address);
    }

    private static string? Parse(ReadOnlySpan<byte> octets, out EmailAddress? address)
    {
        address = null;
        var length = Addresses.LocalPart.Measure(octets);
        if (length == 0)
        {
            return "has no valid part before the @";
        }

        if (length == octets.Length || octets[length] != (byte)'@')
        {
            return octets.Contains((byte)'@') ? "has a character before the @ that needs quoting" : "has no @";
        }

        if (length > AddressLimits.LocalPart)
        {
            return $"has more than {AddressLimits.LocalPart} octets before the @";
        }

        if (!DomainName.TryNormalize(octets[(length + 1)..], out var domain))
        {
            return "has no valid domain after the @";
        }

        var spelt = Encoding.UTF8.GetString(octets[..length]);
        address = new EmailAddress(Addresses.LocalPart.Unquote(octets[..length]), domain, $"{spelt}@{domain}");
        return null;
    }
}
