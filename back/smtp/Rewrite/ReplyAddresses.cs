using Smtpy.Core.Aliases;
using Smtpy.Core.Contacts;
using Smtpy.Core.Recipients;
using Smtpy.Core.Storage;
using Smtpy.Mail.Addresses;
using Smtpy.Smtp.Plan;

namespace Smtpy.Smtp.Rewrite;

/// <summary>Who is who on mail of an alias's owner: whom reverse addresses stand for, and which addresses nobody may see.</summary>
internal sealed class ReplyAddresses(IAliasDirectory directory, ContactBook book, OwnerMailboxes mailboxes)
{
    /// <summary>Addresses of To and Cc that are looked up: what one transaction takes at least (RFC 5321 section 4.5.3.1.8).</summary>
    private const int Most = 100;

    /// <exception cref="StorageException">The database cannot be read.</exception>
    public async ValueTask<ReplyPeople> FindAsync(
        DueDelivery delivery, EmailAddress alias, ReadOnlyMemory<byte> header, CancellationToken cancellationToken)
    {
        var contacts = new Dictionary<string, Mailbox>(StringComparer.Ordinal);
        foreach (var address in Named(header.Span, alias))
        {
            var key = ContactAddresses.Key(address);
            if (!contacts.ContainsKey(key) && await ContactAsync(address, alias, cancellationToken) is { } contact)
            {
                contacts.Add(key, contact);
            }
        }

        // The one it goes to need not be named: their reverse address may stand in the text all the same.
        if (EmailAddress.TryParse(delivery.Recipient, out var recipient)
            && await book.FindAsync(ContactAddresses.Key(alias), ContactAddresses.Key(recipient), cancellationToken) is { } stored)
        {
            contacts.TryAdd(stored.ReverseAddress, new Mailbox(stored.DisplayName, recipient));
        }

        // A mailbox stays hidden also where it is a contact: whoever guesses it can make it one by putting it in Cc.
        var hidden = await HiddenAsync(delivery, alias, header, cancellationToken);
        hidden.RemoveAll(address => address.IsSameMailbox(alias));
        var own = contacts.Where(c => hidden.Exists(c.Value.Address.IsSameMailbox)).Select(static c => c.Key).ToList();
        own.ForEach(reverse => contacts.Remove(reverse));
        return new ReplyPeople(contacts, hidden);
    }

    private static List<EmailAddress> Named(ReadOnlySpan<byte> header, EmailAddress alias)
    {
        var named = new List<EmailAddress>();
        foreach (var mailbox in Addressees.Read(header))
        {
            var address = mailbox.Address;
            if (named.Count < Most
                && (ReverseAddresses.LooksLikeOne(address.LocalPart.ToLowerInvariant()) || SendAddress.ContactOf(address, alias) is not null))
            {
                named.Add(address);
            }
        }

        return named;
    }

    /// <summary>Another alias's contact is a stranger to this one: answered From here, both aliases would be known as one person's.</summary>
    private async ValueTask<Mailbox?> ContactAsync(EmailAddress address, EmailAddress alias, CancellationToken cancellationToken)
    {
        if (SendAddress.ContactOf(address, alias) is { } written)
        {
            return new Mailbox("", written);
        }

        var found = await directory.FindAsync(address.LocalPart, address.Domain, cancellationToken);
        return found.Reverse is { } route && EmailAddress.TryParse(route.AliasAddress, out var own) && own.IsSameMailbox(alias)
            && EmailAddress.TryParse(route.ContactAddress, out var contact)
            ? new Mailbox(route.ContactName, contact)
            : null;
    }

    private async ValueTask<List<EmailAddress>> HiddenAsync(
        DueDelivery delivery, EmailAddress alias, ReadOnlyMemory<byte> header, CancellationToken cancellationToken)
    {
        var hidden = new List<EmailAddress>();
        if (delivery.AccountId is { } account)
        {
            foreach (var mailbox in await mailboxes.FindAsync(account, ContactAddresses.Key(alias), cancellationToken))
            {
                Add(hidden, mailbox);
            }
        }

        // Where it was written from, which may be an address that no alias knows.
        Add(hidden, delivery.Sender);
        foreach (var author in Author.Read(header.Span).Mailboxes)
        {
            Add(hidden, author.Address.Address);
        }

        return hidden;
    }

    private static void Add(List<EmailAddress> hidden, string mailbox)
    {
        if (EmailAddress.TryParse(mailbox, out var address) && !hidden.Exists(address.IsSameMailbox))
        {
            hidden.Add(address);
        }
    }
}

/// <param name="Contacts">By reverse address, lower case.</param>
/// <param name="Hidden">The owner's mailboxes.</param>
internal sealed record ReplyPeople(IReadOnlyDictionary<string, Mailbox> Contacts, IReadOnlyList<EmailAddress> Hidden)
{
    public Mailbox? ContactOf(EmailAddress address) => Contacts.GetValueOrDefault(ContactAddresses.Key(address));
}
