using Smtpy.Core.Recipients;
using Smtpy.Mail.Addresses;
using Smtpy.Mail.Server;
using Smtpy.Smtp.Judge;
using Smtpy.Smtp.Receive;

namespace Smtpy.Smtp.Plan;

/// <summary>Whether a message is from somebody who may write as an alias, and whether that is proved.</summary>
public sealed class WriterCheck(AliasWriters writers)
{
    /// <exception cref="Core.Storage.StorageException">The database cannot be read.</exception>
    public async ValueTask<WriterStanding> CheckAsync(
        IncomingMessage message, Judgement judgement, Guid accountId, string aliasAddress, SmtpRecipient recipient, CancellationToken cancellationToken)
    {
        // Of several authors it could not be said which one was authenticated.
        if (Author.Read(message.Inspection.Header.Span) is not { Kind: AuthorKind.One, First.Address: var author }
            || !(await writers.FindAsync(accountId, aliasAddress, cancellationToken)).Contains(author.Address))
        {
            return WriterStanding.Stranger;
        }

        return judgement.IsAuthenticated && author.Address.Equals(judgement.From, StringComparison.OrdinalIgnoreCase)
            && (judgement.IsAuthenticatedBySpf || (judgement.IsContentSigned && IsNamed(message.Inspection.Header.Span, recipient)))
            ? WriterStanding.Proved
            : WriterStanding.Unproved;
    }

    /// <summary>
    /// A signature goes with the message to whoever gets it: a list's subscriber could send the owner's post here. So it must say itself that
    /// it is meant for this address.
    /// </summary>
    private static bool IsNamed(ReadOnlySpan<byte> header, SmtpRecipient recipient) => EmailAddress.TryParse(recipient.Address, out var address)
        && Addressees.Read(header).Any(mailbox => mailbox.Address.IsSameMailbox(address));
}

public enum WriterStanding
{
    /// <summary>From is no mailbox of the owner's.</summary>
    Stranger = 0,

    /// <summary>From is one, but anybody could have written it there.</summary>
    Unproved = 1,

    Proved = 2,
}
