using Smtpy.Core.Contacts;
using Smtpy.Mail.Addresses;

namespace Smtpy.Smtp.Rewrite;

/// <summary>
/// The contacts that people on a message are. Receiving stores them with the message; who is not one yet all the same (the alias was
/// transparent then, say) becomes one here.
/// </summary>
internal sealed class ContactAddresses(
    ContactBook book, AddContacts add, ReverseAddresses reverse, RewriteOptions options, TimeProvider time)
{
    /// <summary>How a contact's address is spelt in the database.</summary>
    public static string Key(EmailAddress address) => address.Address.ToLowerInvariant();

    /// <returns>By <see cref="Key"/>. Who is not in it can have no reverse address: the account is gone, or the alias's domain not its any more.</returns>
    /// <exception cref="Core.Storage.StorageException">The database cannot be read or written.</exception>
    public async ValueTask<IReadOnlyDictionary<string, Contact>> FindAsync(
        Forwarding forwarding, IReadOnlyList<Mailbox> people, CancellationToken cancellationToken)
    {
        var alias = Key(forwarding.Alias);
        var found = new Dictionary<string, Contact>(people.Count, StringComparer.Ordinal);
        List<Contact>? missing = null;
        foreach (var person in people)
        {
            var address = Key(person.Address);
            if (await book.FindAsync(alias, address, cancellationToken) is { } contact)
            {
                found[address] = contact;
            }
            else if (forwarding.Delivery.AccountId is { } account && forwarding.Route.AccountId == account)
            {
                (missing ??= []).Add(Make(account, forwarding, alias, address, person.DisplayName));
            }
        }

        if (missing is null)
        {
            return found;
        }

        await add.RunAsync(missing, cancellationToken);
        foreach (var contact in missing)
        {
            // Read again: another process may have been first.
            if (await book.FindAsync(alias, contact.Address, cancellationToken) is { } stored)
            {
                found[contact.Address] = stored;
            }
        }

        return found;
    }

    public static EmailAddress? ReverseOf(IReadOnlyDictionary<string, Contact> contacts, EmailAddress address) =>
        contacts.TryGetValue(Key(address), out var contact) && EmailAddress.TryParse(contact.ReverseAddress, out var reversed) ? reversed : null;

    private Contact Make(Guid account, Forwarding forwarding, string alias, string address, string name) => new()
    {
        AccountId = account,
        AliasAddress = alias,
        Address = address,
        DisplayName = name,
        ReverseAddress = reverse.For(alias, address, AliasHandlings.SendingDomain(forwarding.Handling, options)),
        CreatedAt = time.GetUtcNow(),
    };
}
