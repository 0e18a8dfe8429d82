using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Contacts;

/// <summary>Gives a contact another reverse address; mail to the old one is refused from then on.</summary>
public sealed class RenewReverseAddress(IDbContextFactory<SmtpyContext> contexts, ReverseAddresses reverse, CoreOptions options)
{
    private const int SaltOctets = 16;

    public Task<Outcome<Contact>> RunAsync(ContactSelector selector, CancellationToken cancellationToken) => contexts.ChangeAsync<Contact>(
        async context =>
        {
            if (await selector.FindAsync(context, cancellationToken) is not { } contact)
            {
                return selector.Missing();
            }

            // The domain that it would be made on today: it may have become ready to send since.
            var name = contact.AliasAddress[(contact.AliasAddress.LastIndexOf('@') + 1)..];
            var isReady = await context.Domains.FirstOrDefaultAsync(d => d.Name == name && d.AccountId == contact.AccountId, cancellationToken)
                is { IsReadyToSend: true };
            var salt = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(SaltOctets));
            contact.ReverseAddress = reverse.For(contact.AliasAddress, contact.Address, isReady ? name : options.HostName, salt);
            await context.SaveChangesAsync(cancellationToken);
            return contact;
        },
        cancellationToken);
}
