namespace Smtpy.Core.Accounts;

/// <summary>A person or company that owns domains and aliases.</summary>
public sealed class Account
{
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>Lower case; where mail to postmaster and abuse of the account's domains goes.</summary>
    public required string Email { get; set; }

    /// <summary>Null: nobody can sign in with a password.</summary>
    public string? PasswordHash { get; set; }

    public bool IsAdmin { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }
}
