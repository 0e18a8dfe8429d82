namespace Smtpy.Core.Domains;

/// <summary>How long signing keys are kept, and how often DNS is asked about them.</summary>
public sealed record DomainKeyOptions
{
    /// <summary>SMTP_HOSTNAME: has keys of its own, for mail that leaves in the instance's name.</summary>
    public required string HostName { get; init; }

    /// <summary>
    /// How long a retired key's record stays in DNS. 14 days: a message waits 5 days in a queue (RFC 5321 section 4.5.4.1), its receiver's
    /// queue 5 more, and it may be verified again when it is read.
    /// </summary>
    public TimeSpan KeepPublished { get; init; } = TimeSpan.FromDays(14);

    /// <summary>When a retired key is forgotten. 28 days: for as long again the command line says which records may go.</summary>
    public TimeSpan KeepRetired { get; init; } = TimeSpan.FromDays(28);

    /// <summary>Time between two looks at a domain's DNS, within a tenth. 1 hour: who has published records need not run a command, and no zone notices.</summary>
    public TimeSpan CheckInterval { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The first look comes at a random moment of this time after the start. 5 minutes: replicas that start together ask apart.</summary>
    public TimeSpan FirstCheckWithin { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Looks in a row that must find a record gone before a domain counts as without it. 3: a zone that is being edited is not a domain given up.</summary>
    public int MissesBeforeGone { get; init; } = 3;

    /// <summary>How old the stored time of the last good look may become. 1 day: each change of it makes every process look domains up anew.</summary>
    public TimeSpan SeenPrecision { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Domains whose keys are kept open. 10,000: about 40 MB where all of them send.</summary>
    public int CacheEntries { get; init; } = 10_000;
}
