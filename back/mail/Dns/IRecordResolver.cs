using System.Net;
using System.Net.Sockets;

namespace Smtpy.Mail.Dns;

/// <summary>
/// The questions of SPF, DMARC and DKIM. Answers say whether the name is missing or only the record, which RFC 7208 section 4.6.4 (void
/// lookups) and RFC 9989 section 4.10.1 (non-existent domains) need. No name makes these throw: one that cannot be asked for is not found.
/// </summary>
public interface IRecordResolver
{
    /// <summary>TXT records, each with its strings joined and every octet as the character of the same number (Latin-1).</summary>
    ValueTask<RecordAnswer<string>> FindTextsAsync(string name, CancellationToken cancellationToken);

    /// <param name="family">IPv4: A records, IPv6: AAAA records.</param>
    ValueTask<RecordAnswer<IPAddress>> FindAddressesAsync(string name, AddressFamily family, CancellationToken cancellationToken);

    /// <summary>MX records alone, as they come; a null MX (RFC 7505) has the host "".</summary>
    ValueTask<RecordAnswer<MailExchanger>> FindExchangersAsync(string name, CancellationToken cancellationToken);

    /// <summary>PTR records: the names that the address's owner claims, without final dot.</summary>
    ValueTask<RecordAnswer<string>> FindNamesAsync(IPAddress address, CancellationToken cancellationToken);
}

/// <param name="Status">
/// Found: the name exists, perhaps without such a record. NotFound: the name does not exist. TemporaryFailure: nobody knows.
/// </param>
/// <param name="Records">Empty unless found.</param>
/// <param name="Reason">What the resolver said where nothing was found; for people.</param>
public sealed record RecordAnswer<T>(DnsStatus Status, IReadOnlyList<T> Records, string Reason)
{
    /// <summary>The answer came and has nothing: neither a record nor a failure.</summary>
    public bool IsVoid => Status != DnsStatus.TemporaryFailure && Records.Count == 0;
}
