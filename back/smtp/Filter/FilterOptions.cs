using System.Net;

namespace Smtpy.Smtp.Filter;

/// <summary>What is asked about a client and a sender before their message is taken.</summary>
public sealed record FilterOptions
{
    /// <summary>DNSBL: zones of block lists (RFC 5782); empty: none is asked.</summary>
    public IReadOnlyList<string> BlockLists { get; init; } = [];

    /// <summary>Time for all lists together; who has not answered has said nothing. 5 s: the client waits for the answer to RCPT.</summary>
    public TimeSpan BlockListTimeLimit { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>SMTP_LIMIT_EXEMPT: clients that are neither looked up nor greylisted.</summary>
    public IReadOnlyList<IPNetwork> Exempt { get; init; } = [];

    public bool Greylists { get; init; }

    /// <summary>How long a triplet waits. 5 minutes: real servers come again after that long, and block lists have learnt of a new bot.</summary>
    public TimeSpan GreylistDelay { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long after its first try a triplet may come again. 2 days: servers with long queues.</summary>
    public TimeSpan GreylistWindow { get; init; } = TimeSpan.FromDays(2);

    /// <summary>How long one that has come again stays known, from its last message on. 35 days: monthly newsletters.</summary>
    public TimeSpan GreylistMemory { get; init; } = TimeSpan.FromDays(35);
}
