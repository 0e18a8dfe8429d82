using Smtpy.Core.Rules;

namespace Smtpy.Core.Aliases;

/// <summary>
/// Answers, for one envelope recipient, where its mail goes. Positive answers are cached and dropped when anything they
/// rest on changes (in this process at once, in another within <see cref="AliasDirectoryOptions.ChangePoll"/>); a miss is
/// always asked of the database, so a new alias works at once.
/// </summary>
public interface IAliasDirectory
{
    /// <param name="localPart">Unquoted, any case.</param>
    /// <param name="domain">Lower case; empty for the bare "postmaster".</param>
    ValueTask<AliasLookup> FindAsync(string localPart, string domain, CancellationToken cancellationToken);
}

public sealed record AliasDirectoryOptions
{
    /// <summary>How often changes made by other processes are looked for. 250 ms: below what a person notices.</summary>
    public TimeSpan ChangePoll { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Cached answers; the oldest go first. 50,000 take about 20 MB.</summary>
    public int CacheEntries { get; init; } = 50_000;
}

/// <param name="Recipients">Addresses to forward to; empty unless <see cref="Outcome"/> is Forward.</param>
/// <param name="Address">The alias's own address (without a "+extension"), or the address asked for where there is none.</param>
public sealed record AliasLookup(
    AliasOutcome Outcome, string Address, Guid? AliasId, Guid? AccountId, IReadOnlyList<string> Recipients)
{
    /// <summary>How mail to it is handled; null where there is no alias, domain or catch-all of an account behind the address.</summary>
    public AliasHandling? Handling { get; init; }

    /// <summary>Of <see cref="Recipients"/>, those that are paused: what comes for them is held.</summary>
    public IReadOnlyList<string> Paused { get; init; } = [];

    /// <summary>Whom a reverse address stands for; null unless <see cref="Outcome"/> is Reverse.</summary>
    public ReverseRoute? Reverse { get; init; }

    /// <summary>The domain's row; with <see cref="AliasId"/> and <see cref="AccountId"/> what sender rules are looked up by.</summary>
    public Guid? DomainId { get; init; }
}

/// <param name="ContactAddress">Where mail of the alias's owner goes.</param>
/// <param name="AliasAddress">Whose owner may use it, and the address that it leaves From.</param>
public sealed record ReverseRoute(string ContactAddress, string ContactName, string AliasAddress);

public enum AliasOutcome
{
    /// <summary>Forward to the recipients (alias, catch-all, postmaster, abuse).</summary>
    Forward,

    /// <summary>The domain is not ours: 550 5.7.1, never a relay.</summary>
    ForeignDomain,

    /// <summary>Our domain, no such alias: 550 5.1.1.</summary>
    Unknown,

    /// <summary>Switched off, owner wants 550 5.1.1.</summary>
    Refuse,

    /// <summary>Switched off, owner wants 421/450: the sender tries again later.</summary>
    Defer,

    /// <summary>Switched off, owner wants silence: 250, recorded, not forwarded.</summary>
    Discard,

    /// <summary>Must be accepted (postmaster, abuse) but nobody is there to take it: stored and held for the operator.</summary>
    Hold,

    /// <summary>A reverse address: only the alias's owner may write to it.</summary>
    Reverse,
}
