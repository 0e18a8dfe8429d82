using System.Text;
using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Aliases;
using Smtpy.Core.Storage;
using Smtpy.Mail.Addresses;

namespace Smtpy.Core.Contacts;

/// <summary>Makes somebody a contact of an alias before they have written: mail to the reverse address begins the conversation.</summary>
public sealed class CreateContact(IDbContextFactory<SmtpyContext> contexts, ReverseAddresses reverse, CoreOptions options, TimeProvider time)
{
    private const int LongestName = 200;

    /// <param name="contact">An address, or a name and an address: "Jane &lt;jane@shop.example&gt;".</param>
    public async Task<Outcome<CreatedContact>> RunAsync(AliasSelector selector, string? contact, CancellationToken cancellationToken)
    {
        if (Read(contact) is not { } mailbox)
        {
            return Problem.Invalid($"'{contact}' is not an e-mail address.", "contact");
        }

        return TextRules.Check(mailbox.DisplayName, LongestName, "contact") is { } wrong
            ? wrong
            : await contexts.ChangeAsync<CreatedContact>(context => AddAsync(context, selector, mailbox, cancellationToken), cancellationToken);
    }

    private static Mailbox? Read(string? contact) =>
        AddressList.Parse(Encoding.UTF8.GetBytes(contact ?? "")) is { Mailboxes: [var one], Unreadable: 0, IsCut: false }
            && AddressSyntax.Normalise(one.Address.Address) is not null
            ? one
            : null;

    private async Task<Outcome<CreatedContact>> AddAsync(
        SmtpyContext context, AliasSelector selector, Mailbox mailbox, CancellationToken cancellationToken)
    {
        if (await selector.FindAsync(context, deleted: false, cancellationToken) is not { } alias)
        {
            return selector.Missing();
        }

        var address = AddressSyntax.Normalise(mailbox.Address.Address)!.ToLowerInvariant();
        if (await context.Contacts.FirstOrDefaultAsync(c => c.AliasAddress == alias.Address && c.Address == address, cancellationToken) is { } known)
        {
            return new CreatedContact(known, Existed: true);
        }

        if (address == alias.Address || await context.Contacts.AnyAsync(c => c.ReverseAddress == address, cancellationToken))
        {
            return Problem.Invalid($"{address} is an address of this server that stands for somebody else; name the person's own.", "contact");
        }

        var domain = alias.Domain!.IsReadyToSend ? alias.Domain.Name : options.HostName;
        var contact = new Contact
        {
            AccountId = alias.AccountId,
            AliasAddress = alias.Address,
            Address = address,
            DisplayName = mailbox.DisplayName,
            ReverseAddress = reverse.For(alias.Address, address, domain),
            CreatedAt = time.GetUtcNow(),
        };
        context.Contacts.Add(contact);
        await context.SaveChangesAsync(cancellationToken);
        return new CreatedContact(contact, Existed: false);
    }
}

/// <param name="Existed">True where they were a contact of the alias already: nothing was changed.</param>
public sealed record CreatedContact(Contact Contact, bool Existed);
