using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Storage;
using Smtpy.Mail.Encryption;

namespace Smtpy.Core.Recipients;

/// <summary>Gives a mailbox the key that its mail is encrypted with from now on: an OpenPGP public key or an X.509 certificate.</summary>
public sealed class SetRecipientKey(IDbContextFactory<SmtpyContext> contexts, TimeProvider time)
{
    /// <param name="uploaded">The whole file, binary or armoured.</param>
    public async Task<Outcome<RecipientWithKey>> RunAsync(RecipientSelector selector, ReadOnlyMemory<byte> uploaded, CancellationToken cancellationToken)
    {
        var read = RecipientKeyReader.Read(uploaded.Span, time.GetUtcNow());
        return read.IsUsable
            ? await contexts.ChangeAsync<RecipientWithKey>(context => SetAsync(context, selector, read.Key, cancellationToken), cancellationToken)
            : Problem.Invalid(read.Reason, "key_data");
    }

    internal static EncryptionKind KindOf(RecipientKey key) =>
        key.Kind is RecipientKeyKind.OpenPgp ? EncryptionKind.Pgp : EncryptionKind.Smime;

    private static async Task<Outcome<RecipientWithKey>> SetAsync(
        SmtpyContext context, RecipientSelector selector, RecipientKey key, CancellationToken cancellationToken)
    {
        var found = await selector.FindAsync(context, cancellationToken);
        if (!found.Succeeded)
        {
            return found.Problem;
        }

        var recipient = found.Value;
        recipient.Encryption = KindOf(key);
        recipient.EncryptionKey = key.Octets.ToArray();
        recipient.EncryptionFingerprint = key.Fingerprint.ToLowerInvariant();
        recipient.EncryptionExpiresAt = key.ExpiresAt;
        await context.SaveChangesAsync(cancellationToken);
        return new RecipientWithKey(recipient, key);
    }
}

public sealed record RecipientWithKey(Recipient Recipient, RecipientKey Key);
