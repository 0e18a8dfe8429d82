namespace Smtpy.Mail.Spf;

/// <summary>The limits of RFC 7208 section 4.6.4, and what the receiver says about itself in macros.</summary>
public sealed record SpfOptions
{
    /// <summary>Terms that cause DNS queries (include, a, mx, ptr, exists, redirect) in one check. 10: the RFC's number.</summary>
    public int MaxLookups { get; init; } = 10;

    /// <summary>Terms whose query finds nothing. 2: the RFC's number.</summary>
    public int MaxVoidLookups { get; init; } = 2;

    /// <summary>Hosts of one "mx" mechanism; more is a permanent error. 10: the RFC's number.</summary>
    public int MaxExchangers { get; init; } = 10;

    /// <summary>Names of the client that "ptr" and the macro "p" look at; further ones are ignored. 10: the RFC's number.</summary>
    public int MaxPointers { get; init; } = 10;

    /// <summary>Time for the whole check. 20 s: the least that the RFC allows.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Characters of an explanation; a longer one is dropped. 500: it has to fit into a reply (RFC 5321 section 4.5.3.1.5).</summary>
    public int MaxExplanation { get; init; } = 500;

    /// <summary>The macro "r": the receiving host. "unknown" as the RFC has it where nothing is said.</summary>
    public string ReceivingHost { get; init; } = "unknown";
}
