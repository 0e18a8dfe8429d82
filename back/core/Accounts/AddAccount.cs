using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Aliases;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Accounts;

/// <summary>Opens an account.</summary>
public sealed class AddAccount(IDbContextFactory<SmtpyContext> contexts, IPasswordHasher<Account> hasher, TimeProvider time)
{
    /// <summary>NIST SP 800-63B section 3.1.1.2: at least eight characters, and no rules about which.</summary>
    public const int ShortestPassword = 8;

    /// <param name="password">Null: nobody can sign in with a password.</param>
    public async Task<Outcome<Account>> RunAsync(string email, string? password, bool isAdmin, CancellationToken cancellationToken)
    {
        if (AddressSyntax.Normalise(email)?.ToLowerInvariant() is not { } address)
        {
            return Problem.Invalid($"'{email}' is not an e-mail address.");
        }

        if (password is { Length: < ShortestPassword })
        {
            return Problem.Invalid($"The password is too short; at least {ShortestPassword} characters are needed.");
        }

        return await contexts.ChangeAsync<Account>(context => AddAsync(context, address, password, isAdmin, cancellationToken), cancellationToken);
    }

    private async Task<Outcome<Account>> AddAsync(
        SmtpyContext context, string address, string? password, bool isAdmin, CancellationToken cancellationToken)
    {
        if (await context.Accounts.AnyAsync(a => a.Email == address, cancellationToken))
        {
            return Problem.Conflict($"There is an account {address} already.");
        }

        var account = new Account { Email = address, IsAdmin = isAdmin, CreatedAt = time.GetUtcNow() };
        account.PasswordHash = password is null ? null : hasher.HashPassword(account, password);
        context.Accounts.Add(account);
        await context.SaveChangesAsync(cancellationToken);
        return account;
    }
}
