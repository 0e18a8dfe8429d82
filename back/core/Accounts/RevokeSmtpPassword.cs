using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Accounts;

/// <summary>Takes a password of the submission listener back. The next sign-in fails; who is signed in stays until the connection ends.</summary>
public sealed class RevokeSmtpPassword(IDbContextFactory<SmtpyContext> contexts)
{
    public Task<Outcome<SmtpCredential>> RunAsync(Guid accountId, Guid id, CancellationToken cancellationToken) => contexts.ChangeAsync<SmtpCredential>(
        async context => await RemoveAsync(
            context, await context.SmtpCredentials.FirstOrDefaultAsync(c => c.Id == id && c.AccountId == accountId, cancellationToken), cancellationToken)
            is { } removed ? removed : Problem.NotFound("There is no such SMTP password."),
        cancellationToken);

    /// <summary>The operator's.</summary>
    /// <param name="userName">The alias's address, or the account's; or the password's id.</param>
    public Task<Outcome<SmtpCredential>> RunAsync(string userName, CancellationToken cancellationToken)
    {
        var name = userName.ToLowerInvariant();
        var id = Guid.TryParse(userName, out var parsed) ? parsed : Guid.Empty;
        return contexts.ChangeAsync<SmtpCredential>(
            async context => await RemoveAsync(
                context, await context.SmtpCredentials.FirstOrDefaultAsync(c => c.UserName == name || c.Id == id, cancellationToken), cancellationToken)
                is { } removed ? removed : Problem.NotFound($"There is no SMTP password for {userName}; see which there are with: smtpy smtp-password list"),
            cancellationToken);
    }

    private static async Task<SmtpCredential?> RemoveAsync(SmtpyContext context, SmtpCredential? found, CancellationToken cancellationToken)
    {
        if (found is not null)
        {
            context.SmtpCredentials.Remove(found);
            await context.SaveChangesAsync(cancellationToken);
        }

        return found;
    }
}
