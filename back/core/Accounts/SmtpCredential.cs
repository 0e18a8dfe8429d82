namespace Smtpy.Core.Accounts;

/// <summary>A password for the submission listener, kept as SCRAM-SHA-256 keeps it (RFC 5802 section 3): it cannot be read back.</summary>
public sealed class SmtpCredential
{
    public Guid Id { get; init; } = Guid.CreateVersion7();

    public Guid AccountId { get; init; }

    /// <summary>Set: may send as this alias only; else as any of the account's.</summary>
    public Guid? AliasId { get; init; }

    /// <summary>What the client signs in with, lower case: the alias's address, or the account's.</summary>
    public required string UserName { get; init; }

    public required byte[] Salt { get; set; }

    public int Iterations { get; set; }

    public required byte[] StoredKey { get; set; }

    public required byte[] ServerKey { get; set; }

    public required DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset? LastUsedAt { get; set; }
}
