using Smtpy.Core.Aliases;
using Smtpy.Core.Contacts;
using Smtpy.Core.Rules;
using Smtpy.Smtp.Filter;
using Smtpy.Smtp.Judge;
using Smtpy.Smtp.Receive;

namespace Smtpy.Smtp.Plan;

/// <summary>Looks up how a sender stands with an alias.</summary>
public sealed class SenderStandings(SenderRuleBook rules, ContactBook contacts)
{
    /// <exception cref="Core.Storage.StorageException">The database cannot be read.</exception>
    public async ValueTask<SenderStanding> FindAsync(
        IncomingMessage message, Judgement judgement, AliasLookup route, Guid accountId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        ArgumentNullException.ThrowIfNull(judgement);
        var envelope = SenderAddress.OfEnvelope(message.Sender);
        var from = judgement.From ?? (message.Inspection.Author.First is { } author ? SenderAddress.Of(author.Address) : "");
        var address = from.Length > 0 ? from : envelope;
        var contact = address.Length > 0 ? await contacts.FindAsync(route.Address, address, cancellationToken) : null;
        var set = await rules.FindAsync(accountId, cancellationToken);
        return new SenderStanding(address, Verdict(set, message, from, envelope, route), contact, judgement.IsAuthenticated && IsMailbox(route, address));
    }

    /// <summary>
    /// Every address counts that may be the sender's. Against them: each of From, since mail clients differ in which one they show, and
    /// the envelope's. For them: only From, which is what the owner sees and DMARC judges; an envelope is what anybody likes.
    /// </summary>
    private static SenderVerdict? Verdict(SenderRuleSet rules, IncomingMessage message, string from, string envelope, AliasLookup route)
    {
        if (rules.IsEmpty)
        {
            return null;
        }

        if (rules.Of(envelope, route.DomainId, route.AliasId) is SenderVerdict.Block)
        {
            return SenderVerdict.Block;
        }

        var authors = message.Inspection.Author.Mailboxes;
        for (var i = 1; i < authors.Count; i++)
        {
            if (rules.Of(SenderAddress.Of(authors[i].Address), route.DomainId, route.AliasId) is SenderVerdict.Block)
            {
                return SenderVerdict.Block;
            }
        }

        return from.Length == 0 ? null : rules.Of(from, route.DomainId, route.AliasId);
    }

    private static bool IsMailbox(AliasLookup route, string address)
    {
        for (var i = 0; i < route.Recipients.Count; i++)
        {
            if (route.Recipients[i].Equals(address, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
