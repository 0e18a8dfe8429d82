using Smtpy.Core.Contacts;
using Smtpy.Mail.Addresses;
using Smtpy.Mail.Rewriting;
using Smtpy.Smtp.Plan;

namespace Smtpy.Smtp.Rewrite;

/// <summary>The header of a forward in private mode (docs/forwarding.md), without our own trace.</summary>
internal sealed class PrivateHeader(ContactAddresses contacts, MessageIdSeal messageIds, UnsubscribeToken tokens, RewriteOptions options)
{
    /// <summary>
    /// Delivered-To stays, whoever wrote it: a message that circles through several aliases and mailboxes is recognised by nothing else,
    /// since Received fields go (RFC 9228).
    /// </summary>
    private static readonly IReadOnlySet<string> Extra = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "Delivered-To" };

    /// <summary>A chain that is sealed on must be whole; one that is not would only be broken.</summary>
    private static readonly IReadOnlySet<string> ExtraWhenSealed = new HashSet<string>(StringComparer.OrdinalIgnoreCase)
    {
        "Delivered-To", "ARC-Seal", "ARC-Message-Signature", "ARC-Authentication-Results",
    };

    /// <exception cref="Core.Storage.StorageException">The database cannot be read or written.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> WriteAsync(Forwarding forwarding, ReadOnlyMemory<byte> header, CancellationToken cancellationToken)
    {
        var alias = forwarding.Alias;
        var written = EmailAddress.TryParse(forwarding.Delivery.AliasAddress, out var spelt) && !spelt.IsSameMailbox(alias) ? spelt : null;
        var (people, author) = People(forwarding, header.Span, written);
        var found = await contacts.FindAsync(forwarding, people, cancellationToken);
        var (choice, link) = Unsubscribe(forwarding, author is null ? null : found.GetValueOrDefault(ContactAddresses.Key(author)));
        return PrivateForward.Rewrite(header.Span, new ForwardRequest
        {
            Alias = alias,
            // "shop+news@…" is the alias, too.
            ReverseAddress = address => written is not null && address.IsSameMailbox(written) ? written
                : ContactAddresses.ReverseOf(found, address) ?? (Stays(forwarding, address) ? address : null),
            EnvelopeSender = forwarding.EnvelopeSender,
            Format = forwarding.Handling.FromFormat,
            MessageIds = messageIds,
            Unsubscribe = choice,
            UnsubscribeLink = link,
            SubjectTemplate = forwarding.Handling.SubjectTemplate,
            ExtraFields = forwarding.SealKey is null ? Extra : ExtraWhenSealed,
        });
    }

    /// <summary>Everybody named, and who of them takes the blame: From's first address, or the envelope sender.</summary>
    private (List<Mailbox> People, EmailAddress? Author) People(Forwarding forwarding, ReadOnlySpan<byte> header, EmailAddress? written)
    {
        var people = new List<Mailbox>();
        foreach (var person in PrivateForward.Addresses(header, forwarding.Alias, address => Stays(forwarding, address)))
        {
            if (!person.Address.IsSameMailbox(written))
            {
                people.Add(person);
            }
        }

        if (Author.Read(header).First is { } author)
        {
            return (people, author.Address);
        }

        if (forwarding.EnvelopeSender is { } sender)
        {
            people.Add(new Mailbox("", sender));
        }

        return (people, forwarding.EnvelopeSender);
    }

    private bool Stays(Forwarding forwarding, EmailAddress address) => WayToContact.IsOne(address, forwarding.Alias, options.Hostname);

    /// <summary>Without https, an alias or a contact there is nothing our own link could do, and the sender's links stay.</summary>
    private (UnsubscribeChoice Choice, Uri? Link) Unsubscribe(Forwarding forwarding, Contact? author)
    {
        var order = forwarding.Handling.Unsubscribe switch
        {
            UnsubscribeChoice.DisableAlias when forwarding.Route.AliasId is { } alias =>
                new UnsubscribeOrder(UnsubscribeChoice.DisableAlias, alias, Guid.Empty),
            UnsubscribeChoice.BlockSender when author is not null =>
                new UnsubscribeOrder(UnsubscribeChoice.BlockSender, forwarding.Route.AliasId ?? Guid.Empty, author.Id),
            _ => null,
        };
        return order is null || options.PublicUrl.Scheme != Uri.UriSchemeHttps
            ? (UnsubscribeChoice.Keep, null)
            : (order.Choice, new Uri($"{options.PublicUrl.AbsoluteUri.TrimEnd('/')}/u/{tokens.Create(order)}"));
    }
}
