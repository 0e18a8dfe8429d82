using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Recipients;

/// <summary>Removes a mailbox's key: its mail is sent in clear from now on.</summary>
public sealed class RemoveRecipientKey(IDbContextFactory<SmtpyContext> contexts)
{
    public Task<Outcome<Recipient>> RunAsync(RecipientSelector selector, CancellationToken cancellationToken) => contexts.ChangeAsync<Recipient>(
        async context =>
        {
            var found = await selector.FindAsync(context, cancellationToken);
            if (!found.Succeeded)
            {
                return found.Problem;
            }

            var recipient = found.Value;
            (recipient.Encryption, recipient.EncryptionKey) = (EncryptionKind.None, null);
            (recipient.EncryptionFingerprint, recipient.EncryptionExpiresAt) = (null, null);
            await context.SaveChangesAsync(cancellationToken);
            return recipient;
        },
        cancellationToken);
}
