namespace Smtpy.Core.Rules;

/// <summary>Lets a sender through, or blocks one: for a whole account, for one of its domains, or for one alias. The narrowest rule decides.</summary>
public sealed class SenderRule
{
    public Guid Id { get; init; } = Guid.CreateVersion7();

    public Guid AccountId { get; init; }

    /// <summary>Set: only for mail to this domain's aliases.</summary>
    public Guid? DomainId { get; init; }

    /// <summary>Set: only for mail to this alias.</summary>
    public Guid? AliasId { get; init; }

    /// <summary>Lower case: an address ("jane@shop.example"), or "@" and a domain, which means its subdomains too.</summary>
    public required string Sender { get; init; }

    public SenderVerdict Verdict { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>Stored as its number: never renumber.</summary>
public enum SenderVerdict
{
    /// <summary>550 5.7.1 at the end of the message; the owner sees that it was refused.</summary>
    Block = 0,

    /// <summary>Forwarded though DMARC or SPF fails, the score is high, or the alias takes known senders only.</summary>
    LetThrough = 1,
}
