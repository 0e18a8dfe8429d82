using Smtpy.Core.Accounts;
using Smtpy.Core.Recipients;

namespace Smtpy.Core.Domains;

/// <summary>A mail domain of an account. Mail for it is taken only once it is verified: else anyone could claim any name.</summary>
public sealed class Domain
{
    public Guid Id { get; init; } = Guid.CreateVersion7();

    public Guid AccountId { get; init; }

    public Account? Account { get; init; }

    /// <summary>A-label, lower case, without a final dot.</summary>
    public required string Name { get; init; }

    /// <summary>True: addresses without an alias go to <see cref="CatchAllRecipients"/>.</summary>
    public bool CatchAll { get; set; }

    public ICollection<Recipient> CatchAllRecipients { get; } = new List<Recipient>();

    public DateTimeOffset? VerifiedAt { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }
}
