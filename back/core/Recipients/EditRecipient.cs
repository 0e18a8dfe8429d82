using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Storage;
using Smtpy.Mail.Encryption;

namespace Smtpy.Core.Recipients;

/// <summary>Pauses a mailbox or resumes it, and says whether its mail is encrypted.</summary>
public sealed class EditRecipient(IDbContextFactory<SmtpyContext> contexts, TimeProvider time)
{
    public Task<Outcome<Recipient>> RunAsync(RecipientSelector selector, RecipientEdit edit, CancellationToken cancellationToken) =>
        contexts.ChangeAsync<Recipient>(
            async context =>
            {
                var found = await selector.FindAsync(context, cancellationToken);
                if (!found.Succeeded)
                {
                    return found.Problem;
                }

                var recipient = found.Value;
                if (edit.Encrypt is { } encrypt && Switch(recipient, encrypt) is { } problem)
                {
                    return problem;
                }

                recipient.PausedAt = edit.Paused is { } paused ? paused ? recipient.PausedAt ?? time.GetUtcNow() : null : recipient.PausedAt;
                recipient.ProtectSubject = edit.ProtectSubject ?? recipient.ProtectSubject;
                await context.SaveChangesAsync(cancellationToken);
                return recipient;
            },
            cancellationToken);

    private Problem? Switch(Recipient recipient, bool encrypt)
    {
        if (!encrypt)
        {
            recipient.Encryption = EncryptionKind.None;
            return null;
        }

        if (recipient.EncryptionKey is not { } octets)
        {
            return Problem.NotPossible($"{recipient.Email} has no key; add one first.");
        }

        var read = RecipientKeyReader.Read(octets, time.GetUtcNow());
        if (!read.IsUsable)
        {
            return Problem.NotPossible(read.Reason);
        }

        recipient.Encryption = SetRecipientKey.KindOf(read.Key);
        return null;
    }
}

/// <summary>Null leaves a value as it is.</summary>
/// <param name="Paused">What comes for a paused mailbox is held.</param>
/// <param name="Encrypt">Only with a key; without, mail is sent in clear, and the key is kept.</param>
public sealed record RecipientEdit(bool? Paused = null, bool? Encrypt = null, bool? ProtectSubject = null);
