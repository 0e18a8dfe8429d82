using Smtpy.Core.Domains;
using Smtpy.Core.Recipients;
using Smtpy.Core.Rules;

namespace Smtpy.Core.Aliases;

/// <summary>An address on an account's domain that forwards to the account's recipients.</summary>
public sealed class Alias
{
    /// <summary>What addy.io's clients cut theirs to.</summary>
    public const int LongestDescription = 200;

    public const int LongestFromName = 50;

    /// <summary>A subject line that still leaves room for the subject.</summary>
    public const int LongestSubjectTemplate = 200;

    public Guid Id { get; init; } = Guid.CreateVersion7();

    public Guid AccountId { get; init; }

    public Guid DomainId { get; init; }

    public Domain? Domain { get; init; }

    /// <summary>Lower case: alias local parts are compared without regard to case.</summary>
    public required string LocalPart { get; init; }

    /// <summary>Local part, "@", domain; lower case.</summary>
    public required string Address { get; init; }

    public string Description { get; set; } = "";

    /// <summary>Name shown as sender of replies; null for the account's own.</summary>
    public string? FromName { get; set; }

    /// <summary>Listed first.</summary>
    public bool Pinned { get; set; }

    public bool Enabled { get; set; } = true;

    public DisabledBehaviour DisabledBehaviour { get; set; }

    /// <summary>None: mail goes to the domain's default recipient.</summary>
    public ICollection<Recipient> Recipients { get; } = new List<Recipient>();

    public MailHandling Handling { get; init; } = new();

    /// <summary>Mail from others than contacts and senders let through is held.</summary>
    public bool KnownSendersOnly { get; set; }

    /// <summary>Such as "[{alias}] {subject}"; null: the subject stays.</summary>
    public string? SubjectTemplate { get; set; }

    public BannerPlace Banner { get; set; }

    /// <summary>The mailbox's address is replaced in the text of replies, not only in their header.</summary>
    public bool CleanReplies { get; set; } = true;

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; set; }

    /// <summary>Set: mail is refused as if there were no such alias, and nobody else can take the address.</summary>
    public DateTimeOffset? DeletedAt { get; set; }

    /// <summary>A new one of the domain's account.</summary>
    /// <param name="localPart">Lower case.</param>
    public static Alias On(Domain domain, string localPart, string? description, IEnumerable<Recipient> recipients, DateTimeOffset now)
    {
        var alias = new Alias
        {
            AccountId = domain.AccountId,
            DomainId = domain.Id,
            Domain = domain,
            LocalPart = localPart,
            Address = localPart + "@" + domain.Name,
            Description = description ?? "",
            CreatedAt = now,
            UpdatedAt = now,
        };
        foreach (var recipient in recipients)
        {
            alias.Recipients.Add(recipient);
        }

        return alias;
    }
}

/// <summary>What a sender to a disabled alias sees. Stored as its number: never renumber.</summary>
public enum DisabledBehaviour
{
    /// <summary>250, recorded, not forwarded: the sender learns nothing.</summary>
    Discard = 0,

    /// <summary>550 5.1.1, as if the alias did not exist.</summary>
    Refuse = 1,

    /// <summary>421: the sender tries again later, so the alias can be enabled in time.</summary>
    Defer = 2,
}
