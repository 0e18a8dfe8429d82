using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Aliases;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Accounts;

/// <summary>Makes a key for an account. The token is in the answer and nowhere else.</summary>
public sealed class CreateApiKey(IDbContextFactory<SmtpyContext> contexts, TimeProvider time)
{
    private const int LongestName = 100;

    /// <param name="lifetime">Null: it never expires.</param>
    public async Task<Outcome<NewApiKey>> RunAsync(
        string email, string name, ApiKeyScope scope, TimeSpan? lifetime, CancellationToken cancellationToken)
    {
        if (TextRules.Check(name, LongestName, "name") is { } wrong)
        {
            return wrong;
        }

        if (lifetime <= TimeSpan.Zero)
        {
            return Problem.Invalid("A key must live longer than no time at all.", "expires");
        }

        var address = AddressSyntax.Normalise(email)?.ToLowerInvariant();
        return await contexts.ChangeAsync<NewApiKey>(
            async context =>
            {
                if (await context.Accounts.FirstOrDefaultAsync(a => a.Email == address, cancellationToken) is not { } account)
                {
                    return Problem.NotFound($"There is no account {email}; add it first: smtpy user add {email}");
                }

                var token = ApiKeyToken.Create();
                var now = time.GetUtcNow();
                var key = new ApiKey
                {
                    AccountId = account.Id,
                    Account = account,
                    Name = name,
                    Hash = ApiKeyToken.Hash(token),
                    Prefix = ApiKeyToken.Prefix(token),
                    Scope = scope,
                    CreatedAt = now,
                    ExpiresAt = now + lifetime,
                };
                context.ApiKeys.Add(key);
                await context.SaveChangesAsync(cancellationToken);
                return new NewApiKey(key, token);
            },
            cancellationToken);
    }
}

/// <param name="Token">What a program sends; cannot be shown again.</param>
public sealed record NewApiKey(ApiKey Key, string Token);
