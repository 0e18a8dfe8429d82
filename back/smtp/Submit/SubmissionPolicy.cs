using Smtpy.Core.Accounts;
using Smtpy.Core.Aliases;
using Smtpy.Core.Coordination;
using Smtpy.Mail.Server;
using Smtpy.Smtp.Receive;

namespace Smtpy.Smtp.Submit;

/// <summary>
/// What a signed-in client may send (RFC 6409 section 6): as one of its account's aliases, to anybody. Nothing here is asked for a
/// client that has not signed in, so nobody else can send anywhere.
/// </summary>
public sealed class SubmissionPolicy(IAliasDirectory directory, IRateCounter rates, CorrespondenceOptions options)
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    /// <summary>Who has signed in to submit mail; null for everybody else.</summary>
    public static Submitter? SubmitterOf(SmtpPeer peer) =>
        peer.Listener is ListenerKind.Submission or ListenerKind.SubmissionTls ? peer.Identity?.Account as Submitter : null;

    /// <summary>MAIL FROM.</summary>
    /// <exception cref="Core.Storage.StorageException">The database cannot be read.</exception>
    public async ValueTask<Ruling> SenderAsync(SmtpTransaction transaction, Submitter submitter, CancellationToken cancellationToken)
    {
        if (transaction.Sender.IsNull)
        {
            return new Ruling(SubmissionReplies.NullSender, Refusal.SubmissionSender);
        }

        return await FindAliasAsync(transaction.Sender.Address, submitter, cancellationToken) is null
            ? NotYours(transaction, submitter)
            : new Ruling(Replies.SenderOk);
    }

    /// <summary>
    /// RCPT TO. On a positive reply the recipient's state is a route to a contact of the alias, whoever it is: an alias of this
    /// instance, too, must see no more of the owner than anybody outside.
    /// </summary>
    /// <exception cref="Core.Storage.StorageException">The database cannot be read.</exception>
    public async ValueTask<Ruling> RecipientAsync(
        SmtpTransaction transaction, SmtpRecipient recipient, Submitter submitter, CancellationToken cancellationToken)
    {
        if (await FindAliasAsync(transaction.Sender.Address, submitter, cancellationToken) is not { } alias)
        {
            // Switched off since MAIL.
            return NotYours(transaction, submitter);
        }

        var found = await directory.FindAsync(recipient.LocalPart, recipient.Domain, cancellationToken);
        var contact = recipient.Domain.Length == 0 ? $"{recipient.LocalPart}@{options.Hostname}" : recipient.Address;
        switch (found.Outcome)
        {
            case AliasOutcome.Reverse when found.AccountId != submitter.AccountId:
            case AliasOutcome.Unknown or AliasOutcome.Refuse:
                return new Ruling(Replies.NoSuchAlias, Refusal.UnknownAlias);
            case AliasOutcome.Defer:
                return new Ruling(Replies.AliasDeferred, Refusal.AliasDeferred);
            case AliasOutcome.Reverse when !found.Reverse!.AliasAddress.Equals(alias.Address, StringComparison.OrdinalIgnoreCase):
                // Both aliases would be known as one person's.
                return new Ruling(
                    SubmissionReplies.OtherAlias(recipient.Address, found.Reverse.AliasAddress, alias.Address), Refusal.SubmissionSender);
            case AliasOutcome.Reverse:
                contact = found.Reverse.ContactAddress;
                break;
        }

        var sent = await rates.CountAsync($"submission:{submitter.AccountId:N}", Day, cancellationToken);
        if (sent.Count > options.SubmissionsPerDay)
        {
            return new Ruling(SubmissionReplies.TooManySubmissions, Refusal.SubmissionRate);
        }

        recipient.PolicyState = alias with
        {
            Outcome = AliasOutcome.Reverse,
            Recipients = [],
            Paused = [],
            Reverse = new ReverseRoute(contact, "", alias.Address),
        };
        return new Ruling(Replies.RecipientOk);
    }

    private static Ruling NotYours(SmtpTransaction transaction, Submitter submitter) =>
        new(SubmissionReplies.NotYours(transaction.Sender.Address, submitter.UserName), Refusal.SubmissionSender);

    /// <summary>The alias that an address means, where this client may send as it; else null.</summary>
    /// <exception cref="Core.Storage.StorageException">The database cannot be read.</exception>
    public async ValueTask<AliasLookup?> FindAliasAsync(string address, Submitter submitter, CancellationToken cancellationToken)
    {
        if (!Mail.Addresses.EmailAddress.TryParse(address, out var parsed))
        {
            return null;
        }

        var found = await directory.FindAsync(parsed.LocalPart, parsed.Domain, cancellationToken);

        // Held: the alias is there, only none of its recipients is verified.
        return found is { Outcome: AliasOutcome.Forward or AliasOutcome.Hold, Handling: not null }
            && found.AccountId == submitter.AccountId && (submitter.AliasId is null || submitter.AliasId == found.AliasId)
            ? found
            : null;
    }
}

/// <param name="Reason">Says something only where the reply refuses.</param>
public readonly record struct Ruling(SmtpReply Reply, Refusal Reason = default);
