using Smtpy.Core.Aliases;
using Smtpy.Core.Storage;
using Smtpy.Mail.Addresses;

namespace Smtpy.Core.Contacts;

/// <summary>Finds the contact that an alias's owner writes to; whoever is none yet becomes one with the message that is stored for them.</summary>
public sealed class MeetContact(ContactBook book, ReverseAddresses reverse, CoreOptions options, TimeProvider time)
{
    /// <param name="alias">With its handling and its account.</param>
    /// <param name="address">The contact's.</param>
    /// <returns>The new contact, to be stored with the message; null where they are one already.</returns>
    /// <exception cref="StorageException">The database cannot be read.</exception>
    public async ValueTask<Contact?> RunAsync(AliasLookup alias, EmailAddress address, CancellationToken cancellationToken)
    {
        var key = address.Address.ToLowerInvariant();
        if (alias.AccountId is not { } account || await book.FindAsync(alias.Address, key, cancellationToken) is not null)
        {
            return null;
        }

        var domain = alias.Handling is { IsDomainReadyToSend: true } own ? own.DomainName : options.HostName;
        return new Contact
        {
            AccountId = account,
            AliasAddress = alias.Address,
            Address = key,
            ReverseAddress = reverse.For(alias.Address, key, domain),
            CreatedAt = time.GetUtcNow(),
        };
    }
}
