using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Storage;
using Smtpy.Mail.Rewriting;

namespace Smtpy.Core.Contacts;

/// <summary>What an unsubscribe link of ours does: switches its alias off, or blocks the sender there.</summary>
/// <remarks>The link alone is the permission (RFC 8058 section 2); whoever calls has read it with <see cref="UnsubscribeToken"/>.</remarks>
public sealed class Unsubscribe(IDbContextFactory<SmtpyContext> contexts, TimeProvider time)
{
    /// <summary>What the link is about, without doing anything. Not found: the alias or the sender is gone since.</summary>
    public async Task<Outcome<UnsubscribeSubject>> ShowAsync(UnsubscribeOrder order, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(order);
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await FindAsync(context, order, cancellationToken) is { } found ? found.Subject : Gone();
    }

    /// <summary>Does it; done already is done as well.</summary>
    public Task<Outcome<UnsubscribeSubject>> RunAsync(UnsubscribeOrder order, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(order);
        return contexts.ChangeAsync<UnsubscribeSubject>(
            async context =>
            {
                if (await FindAsync(context, order, cancellationToken) is not { } found)
                {
                    return Gone();
                }

                if (!found.Subject.IsDone)
                {
                    found.Do();
                    await context.SaveChangesAsync(cancellationToken);
                }

                return found.Subject with { IsDone = true };
            },
            cancellationToken);
    }

    private static Problem Gone() => Problem.NotFound("What this link was for does not exist any more.");

    private async Task<(UnsubscribeSubject Subject, Action Do)?> FindAsync(
        SmtpyContext context, UnsubscribeOrder order, CancellationToken cancellationToken)
    {
        if (order.Choice == UnsubscribeChoice.BlockSender)
        {
            return await context.Contacts.FirstOrDefaultAsync(c => c.Id == order.ContactId, cancellationToken) is { } contact
                ? (new UnsubscribeSubject(order.Choice, contact.AliasAddress, contact.Address, contact.Blocked), () => contact.Blocked = true)
                : null;
        }

        if (await context.Aliases.FirstOrDefaultAsync(a => a.Id == order.AliasId && a.DeletedAt == null, cancellationToken) is not { } alias)
        {
            return null;
        }

        return (new UnsubscribeSubject(order.Choice, alias.Address, "", !alias.Enabled), () => (alias.Enabled, alias.UpdatedAt) = (false, time.GetUtcNow()));
    }
}

/// <param name="Sender">Whom <see cref="UnsubscribeChoice.BlockSender"/> blocks; empty with the other choice.</param>
/// <param name="IsDone">The alias is off, or the sender is blocked.</param>
public sealed record UnsubscribeSubject(UnsubscribeChoice Choice, string Alias, string Sender, bool IsDone);
