namespace Smtpy.Core.Accounts;

/// <summary>What a program shows to act for an account. The token itself is kept nowhere: only who made it has it.</summary>
public sealed class ApiKey
{
    public Guid Id { get; init; } = Guid.CreateVersion7();

    public Guid AccountId { get; init; }

    public Account? Account { get; init; }

    public required string Name { get; init; }

    /// <summary>SHA-256 of the token, lower-case hexadecimal. A token has 256 random bits, so a slow hash would add nothing.</summary>
    public required string Hash { get; init; }

    /// <summary>The token's first characters, for telling keys apart.</summary>
    public required string Prefix { get; init; }

    public ApiKeyScope Scope { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Exact to a minute.</summary>
    public DateTimeOffset? LastUsedAt { get; set; }

    /// <summary>Null: never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }
}

/// <summary>What a key may do. Stored as its number: never renumber.</summary>
public enum ApiKeyScope
{
    /// <summary>Everything its account may.</summary>
    Full = 0,

    /// <summary>Look, change nothing.</summary>
    Read = 1,
}
