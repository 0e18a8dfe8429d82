namespace Smtpy.Core.Recipients;

/// <summary>A real mailbox that aliases forward to. Mail goes only to verified ones: else SMTPy could be pointed at strangers.</summary>
public sealed class Recipient
{
    public Guid Id { get; init; } = Guid.CreateVersion7();

    public Guid AccountId { get; init; }

    /// <summary>Local part as given, domain as A-label in lower case.</summary>
    public required string Email { get; init; }

    public DateTimeOffset? VerifiedAt { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }
}
