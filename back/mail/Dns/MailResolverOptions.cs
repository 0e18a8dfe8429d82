using System.Net;

namespace Smtpy.Mail.Dns;

public sealed record MailResolverOptions
{
    /// <summary>The resolver to ask; the system's when null.</summary>
    public IPEndPoint? Server { get; init; }

    /// <summary>Time for one try. 5 s: what stub resolvers use.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Further tries after the first. UDP loses packets.</summary>
    public int Retries { get; init; } = 2;

    /// <summary>Longest time an answer is believed, whatever its TTL. 1 hour: a moved MX is found within it.</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Longest time a "does not exist" is believed (RFC 2308 section 5 takes it from the SOA). 5 minutes: a domain just set up.</summary>
    public TimeSpan MaxNegativeAge { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Shortest time an answer is kept. 1 s: a TTL of 0 must not cost a question for each of a thousand messages.</summary>
    public TimeSpan MinAge { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Answers kept of each kind; when full, the expired ones go, then all. 0: none are kept, each question is asked.</summary>
    public int CacheEntries { get; init; } = 20_000;
}
