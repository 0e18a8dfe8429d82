using Smtpy.Core.Accounts;
using Smtpy.Core.Recipients;
using Smtpy.Core.Rules;

namespace Smtpy.Core.Domains;

/// <summary>A mail domain of an account. Mail for it is taken only once it is verified: else anyone could claim any name.</summary>
public sealed class Domain
{
    public Guid Id { get; init; } = Guid.CreateVersion7();

    public Guid AccountId { get; init; }

    public Account? Account { get; init; }

    /// <summary>A-label, lower case, without a final dot.</summary>
    public required string Name { get; init; }

    public string Description { get; set; } = "";

    /// <summary>Name shown as sender of replies; null for the account's own.</summary>
    public string? FromName { get; set; }

    /// <summary>False: mail to its aliases is taken and dropped silently.</summary>
    public bool Active { get; set; } = true;

    /// <summary>Where mail goes that nothing else says a recipient for; null for the account's own address.</summary>
    public Guid? DefaultRecipientId { get; set; }

    public Recipient? DefaultRecipient { get; set; }

    /// <summary>True: addresses without an alias go to <see cref="CatchAllRecipients"/>, or where there are none, to the default recipient.</summary>
    public bool CatchAll { get; set; }

    public ICollection<Recipient> CatchAllRecipients { get; } = new List<Recipient>();

    public DateTimeOffset? VerifiedAt { get; set; }

    /// <summary>When DNS was last seen to send the domain's mail here; null where the last look said otherwise.</summary>
    public DateTimeOffset? ExchangerSeenAt { get; set; }

    /// <summary>When DNS was last seen to carry the domain's signing keys; null: mail leaves in the instance's name.</summary>
    public DateTimeOffset? SigningSeenAt { get; set; }

    /// <summary>Mail can leave in its name: receivers can verify it, and what comes back, answers and bounces, comes here.</summary>
    public bool IsReadyToSend => SigningSeenAt is not null && ExchangerSeenAt is not null;

    public MailHandling Handling { get; init; } = new();

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; set; }
}
