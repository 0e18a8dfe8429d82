using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Aliases;
using Smtpy.Core.Storage;
using Smtpy.Mail.Server.Sasl;

namespace Smtpy.Core.Accounts;

/// <summary>
/// Makes a password for the submission listener: for one alias, or for all of an account. There is one for each; a new one takes the
/// old one's place. It is in the answer and nowhere else.
/// </summary>
public sealed class CreateSmtpPassword(IDbContextFactory<SmtpyContext> contexts, TimeProvider time)
{
    /// <summary>For one alias; whoever has it can send as no other.</summary>
    public Task<Outcome<NewSmtpPassword>> ForAliasAsync(AliasSelector selector, CancellationToken cancellationToken) =>
        contexts.ChangeAsync<NewSmtpPassword>(
            async context => await selector.FindAsync(context, deleted: false, cancellationToken) is { } alias
                ? await PutAsync(context, alias.AccountId, alias.Id, alias.Address, cancellationToken)
                : selector.Missing(),
            cancellationToken);

    /// <summary>For all aliases of the account, by its e-mail address.</summary>
    public Task<Outcome<NewSmtpPassword>> ForAccountAsync(string email, CancellationToken cancellationToken)
    {
        var address = AddressSyntax.Normalise(email)?.ToLowerInvariant();
        return contexts.ChangeAsync<NewSmtpPassword>(
            async context => await context.Accounts.FirstOrDefaultAsync(a => a.Email == address, cancellationToken) is { } account
                ? await PutAsync(context, account.Id, null, account.Email, cancellationToken)
                : Problem.NotFound($"There is no account {email}; add it first: smtpy user add {email}"),
            cancellationToken);
    }

    /// <summary>For all aliases of the account.</summary>
    public Task<Outcome<NewSmtpPassword>> ForAccountAsync(Guid accountId, CancellationToken cancellationToken) =>
        contexts.ChangeAsync<NewSmtpPassword>(
            async context => await context.Accounts.FirstOrDefaultAsync(a => a.Id == accountId, cancellationToken) is { } account
                ? await PutAsync(context, account.Id, null, account.Email, cancellationToken)
                : Problem.NotFound("There is no such account."),
            cancellationToken);

    private async Task<Outcome<NewSmtpPassword>> PutAsync(
        SmtpyContext context, Guid accountId, Guid? aliasId, string userName, CancellationToken cancellationToken)
    {
        var existing = await context.SmtpCredentials.FirstOrDefaultAsync(c => c.UserName == userName, cancellationToken);
        if (existing is not null && (existing.AccountId != accountId || existing.AliasId != aliasId))
        {
            // An account's own address may be an alias of another account: one name cannot stand for both.
            return Problem.Conflict($"The user name {userName} is taken.");
        }

        var password = SmtpPassword.Draw();
        var record = ScramCredentials.Create(password);
        var credential = existing ?? new SmtpCredential
        {
            AccountId = accountId,
            AliasId = aliasId,
            UserName = userName,
            Salt = [],
            StoredKey = [],
            ServerKey = [],
            CreatedAt = default,
        };
        credential.Salt = record.Salt.ToArray();
        credential.Iterations = record.Iterations;
        credential.StoredKey = record.StoredKey.ToArray();
        credential.ServerKey = record.ServerKey.ToArray();
        credential.CreatedAt = time.GetUtcNow();
        if (existing is null)
        {
            context.SmtpCredentials.Add(credential);
        }

        await context.SaveChangesAsync(cancellationToken);
        return new NewSmtpPassword(credential, password);
    }
}

/// <param name="Password">What the mail program is given; cannot be shown again.</param>
public sealed record NewSmtpPassword(SmtpCredential Credential, string Password);
