using Smtpy.Core.Aliases;
using Smtpy.Core.Contacts;
using Smtpy.Mail.Addresses;
using Smtpy.Mail.Rewriting;
using Smtpy.Smtp.Filter;
using Smtpy.Smtp.Receive;

namespace Smtpy.Smtp.Plan;

/// <summary>Who on a message becomes a contact of its alias: everybody an answer could go to.</summary>
/// <param name="hostname">Domain of reverse addresses where the alias's own is not ready to send.</param>
public sealed class NewContacts(ContactBook book, ReverseAddresses reverse, string hostname, TimeProvider time)
{
    /// <summary>Contacts that one message can make; the others are made when it leaves. 30: as many as it names recipients (ForwardLimits).</summary>
    private const int MostPerMessage = 30;

    private const int LongestName = 200;

    /// <exception cref="Core.Storage.StorageException">The database cannot be read.</exception>
    public async ValueTask<IReadOnlyList<Contact>> FindAsync(
        IncomingMessage message, AliasLookup route, Guid accountId, SenderStanding sender, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        ArgumentNullException.ThrowIfNull(sender);
        if (!EmailAddress.TryParse(route.Address, out var alias))
        {
            return [];
        }

        var people = PrivateForward.Addresses(message.Inspection.Header.Span, alias, address => WayToContact.IsOne(address, alias, hostname));
        List<Contact>? contacts = null;
        for (var i = 0; i < people.Count && (contacts?.Count ?? 0) < MostPerMessage; i++)
        {
            var address = SenderAddress.Of(people[i].Address);
            if (sender.Contact?.Address != address && await book.FindAsync(route.Address, address, cancellationToken) is null)
            {
                (contacts ??= []).Add(Make(route, accountId, address, people[i].DisplayName));
            }
        }

        // Who is in no From stands for the author (docs/forwarding.md).
        if (sender is { Contact: null, Address.Length: > 0 } && message.Inspection.Author.First is null)
        {
            (contacts ??= []).Add(Make(route, accountId, sender.Address, ""));
        }

        return contacts ?? (IReadOnlyList<Contact>)[];
    }

    private Contact Make(AliasLookup route, Guid accountId, string address, string name) => new()
    {
        AccountId = accountId,
        AliasAddress = route.Address,
        Address = address,
        DisplayName = Cut(name),
        ReverseAddress = reverse.For(
            route.Address, address, route.Handling is { IsDomainReadyToSend: true } handling ? handling.DomainName : hostname),
        CreatedAt = time.GetUtcNow(),
    };

    private static string Cut(string name) =>
        name.Length <= LongestName ? name : name[..(char.IsHighSurrogate(name[LongestName - 1]) ? LongestName - 1 : LongestName)];
}
