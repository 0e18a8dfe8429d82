namespace Smtpy.Core.Domains.Records;

/// <summary>Which records a name needs: the one place that says so.</summary>
public static class DomainRecords
{
    /// <summary>What nobody else than SMTPy sends for: nothing unsigned is from it.</summary>
    private const string SuggestedPolicy = "v=DMARC1; p=quarantine";

    /// <summary>
    /// A domain's: its mail comes here (MX), its signatures can be verified. SPF and DMARC are advised: envelope senders are at the host
    /// name, and an Ed25519 signature is only the second one.
    /// </summary>
    /// <param name="keys">Those of the domain; of retired ones the records that must stay are among the answer.</param>
    public static IReadOnlyList<DomainRecord> OfDomain(string domain, string hostName, IEnumerable<DomainKey> keys, DateTimeOffset now, DomainKeyOptions options) =>
    [
        new(domain, "MX", $"10 {hostName}", DomainRecordPurpose.Exchanger, true),
        .. OfKeys(keys, now, options),
        new(domain, "TXT", "v=spf1 mx -all", DomainRecordPurpose.Sender, false),
        new("_dmarc." + domain, "TXT", SuggestedPolicy, DomainRecordPurpose.Policy, false),
    ];

    /// <summary>The host name's: it has an address, its envelope senders pass SPF, and what it signs itself can be verified.</summary>
    public static IReadOnlyList<DomainRecord> OfHost(string hostName, IEnumerable<DomainKey> keys, DateTimeOffset now, DomainKeyOptions options) =>
    [
        new(hostName, "A", "the public address of this server", DomainRecordPurpose.Address, true),
        new(hostName, "TXT", "v=spf1 a -all", DomainRecordPurpose.Sender, true),
        .. OfKeys(keys, now, options),
        new("_dmarc." + hostName, "TXT", SuggestedPolicy, DomainRecordPurpose.Policy, false),
        new("the reverse name of " + hostName, "PTR", hostName, DomainRecordPurpose.Reverse, false),
    ];

    /// <summary>Only the RSA key that signs now is required: receivers that cannot verify another pass over it.</summary>
    private static IEnumerable<DomainRecord> OfKeys(IEnumerable<DomainKey> keys, DateTimeOffset now, DomainKeyOptions options) =>
        keys.Where(key => key.StateAt(now, options) != DomainKeyState.Removable)
            .Select(static key => new DomainRecord(
                key.ToPublish().RecordName, "TXT", key.ToPublish().RecordText, DomainRecordPurpose.Key,
                key is { IsActive: true, Algorithm: DomainKeyAlgorithm.RsaSha256 })
            { Key = key });
}
