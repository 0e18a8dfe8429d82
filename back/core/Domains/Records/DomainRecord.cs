using Smtpy.Mail.Dkim;

namespace Smtpy.Core.Domains.Records;

/// <summary>A DNS record that a name needs or should have.</summary>
/// <param name="Name">Its owner, without a dot at the end.</param>
/// <param name="Type">MX, TXT, A or PTR.</param>
/// <param name="Value">What to publish, as a web form of a DNS provider takes it; for A and PTR what it is to name.</param>
/// <param name="IsRequired">False: mail works without, and is trusted less.</param>
public sealed record DomainRecord(string Name, string Type, string Value, DomainRecordPurpose Purpose, bool IsRequired)
{
    /// <summary>The key that the record publishes; null for other records.</summary>
    public DomainKey? Key { get; init; }

    /// <summary>The line of a zone file; null where its value is for somebody else to know (an address, a reverse name).</summary>
    public string? ZoneLine => Type switch
    {
        "TXT" => $"{Name}. TXT {PublishedKey.Quoted(Value)}",
        "MX" => $"{Name}. MX {Value}.",
        _ => null,
    };
}

public enum DomainRecordPurpose
{
    /// <summary>Where the host is.</summary>
    Address = 0,

    /// <summary>That the address's owner agrees.</summary>
    Reverse = 1,

    /// <summary>Where the domain's mail goes.</summary>
    Exchanger = 2,

    /// <summary>Who may send for it (SPF, RFC 7208).</summary>
    Sender = 3,

    /// <summary>What its signatures are verified with (DKIM, RFC 6376).</summary>
    Key = 4,

    /// <summary>What to do with mail that only claims to be from it (DMARC, RFC 9989).</summary>
    Policy = 5,
}

public enum RecordVerdict
{
    Ok = 0,

    /// <summary>DNS says that there is none.</summary>
    Missing = 1,

    /// <summary>There is another, or one that does not do what it is for.</summary>
    Wrong = 2,

    /// <summary>DNS did not answer.</summary>
    Unknown = 3,
}

/// <param name="Found">What DNS carries instead or in its place.</param>
/// <param name="Note">What is wrong, for a person; empty when nothing is.</param>
public sealed record RecordFinding(DomainRecord Record, RecordVerdict Verdict, IReadOnlyList<string> Found, string Note)
{
    /// <summary>Mail does not work as it should until this is right.</summary>
    public bool IsObstacle => Record.IsRequired && Verdict != RecordVerdict.Ok;
}
