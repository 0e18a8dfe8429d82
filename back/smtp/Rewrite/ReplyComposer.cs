using Smtpy.Core.Contacts;
using Smtpy.Core.Rules;
using Smtpy.Core.Storage;
using Smtpy.Mail.Addresses;
using Smtpy.Mail.Client;
using Smtpy.Mail.Messages;
using Smtpy.Mail.Rewriting;
using Smtpy.Smtp.Deliver;
using Smtpy.Smtp.Judge;
using Smtpy.Smtp.Route;
using Smtpy.Smtp.Sign;

namespace Smtpy.Smtp.Rewrite;

/// <summary>
/// Mail of an alias's owner on its way to a contact: From the alias, without a trace of the mailbox (docs/forwarding.md). Nothing of
/// ours goes on top but signatures: Received, Delivered-To or an ARC set would tell where it came from.
/// </summary>
internal sealed class ReplyComposer(
    AliasHandlings aliases, ReplyAddresses addresses, MessageIdSeal messageIds, WholeMessages wholeMessages, MessageSigner signer,
    ReturnPaths returnPaths, RewriteOptions options)
{
    /// <exception cref="IOException">The stored octets cannot be read.</exception>
    /// <exception cref="StorageException">The database cannot be read.</exception>
    public async ValueTask<Composition> ComposeAsync(DueDelivery delivery, MessageContent content, CancellationToken cancellationToken)
    {
        if (await aliases.FindAsync(delivery.AliasAddress, cancellationToken) is not var (route, alias, handling))
        {
            return Composition.Failed(new PeerReply(550, "5.1.7", $"{delivery.AliasAddress} is no address"));
        }

        if (aliases.HeldFromOthers(route, alias, delivery.AccountId) is { } held)
        {
            return held;
        }

        if (await StoredMessage.ReadAsync(content, cancellationToken) is not { } stored)
        {
            return Composition.Held("The message's header is larger than one that can be rewritten.");
        }

        if (handling.CleanReplies && content.Length > options.MaxRewrittenOctets)
        {
            return Composition.Held(
                $"The message is larger than {options.MaxRewrittenOctets / (1024 * 1024)} MiB, the most that is searched for your address. Switch the cleaning of replies off for this alias to send it: smtpy alias set {alias.Address} --clean-replies off");
        }

        var people = await addresses.FindAsync(delivery, alias, stored.Header, cancellationToken);
        var header = ReplyRewriter.Rewrite(stored.Header.Span, new ReplyRequest
        {
            Alias = alias,
            FromName = handling.FromName ?? "",
            Hidden = people.Hidden,
            Contact = people.ContactOf,

            // Who signed in wrote as the alias to begin with. Another alias's reverse address would still tell of both.
            StaysAsWritten = address => delivery.Origin == MessageOrigin.Submission && !ReverseAddresses.LooksLikeOne(address.LocalPart.ToLowerInvariant()),
            MessageIds = messageIds,
            ReceivedAt = delivery.ReceivedAt,
        }).Header;
        using var room = handling.CleanReplies ? await wholeMessages.EnterAsync(content.Length, cancellationToken) : null;
        var (draft, reason) = handling.CleanReplies
            ? await CleanAsync(stored, header, alias, people, cancellationToken)
            : (Draft.Over(stored, header), null);
        return draft is null
            ? Composition.Held(reason!)
            : Composition.Of(await SignAsync(delivery, draft, alias, handling, cancellationToken), room?.HandOn());
    }

    private static async ValueTask<(Draft? Draft, string? Reason)> CleanAsync(
        StoredMessage stored, ReadOnlyMemory<byte> header, EmailAddress alias, ReplyPeople people, CancellationToken cancellationToken)
    {
        var whole = await stored.ReadWholeAsync(cancellationToken);
        var message = Draft.Concat(header, whole[stored.Header.Length..]);
        var removal = TraceRemover.Remove(message, Traces(alias, people));
        if (removal.Remaining.Count > 0)
        {
            var where = string.Join(", ", removal.Remaining.Select(trace => trace.Where).Distinct(StringComparer.Ordinal));
            return (null, $"Your own address stands where it cannot be taken out ({where}). Take it out and send again, or switch the cleaning of replies off for this alias: smtpy alias set {alias.Address} --clean-replies off");
        }

        // Where only the header is new, the stored body still serves.
        return (removal.IsChanged ? Draft.Anew(stored, removal.Message) : Draft.Over(stored, header), null);
    }

    private static TraceSet Traces(EmailAddress alias, ReplyPeople people)
    {
        var replacements = people.Hidden.Select(mailbox => new TraceReplacement(mailbox, alias)).ToList();
        foreach (var (reverse, contact) in people.Contacts)
        {
            if (EmailAddress.TryParse(reverse, out var address))
            {
                replacements.Add(new TraceReplacement(address, contact.Address, IsPrivate: false));
            }
        }

        return new TraceSet(replacements);
    }

    private async ValueTask<ComposedMessage> SignAsync(
        DueDelivery delivery, Draft draft, EmailAddress alias, AliasHandling handling, CancellationToken cancellationToken)
    {
        var signatures = await signer.SignAsync(draft, alias.Domain, sealKey: null, Judgement.None, cancellationToken);

        // Never null: the owner wants to know when it does not arrive. At the alias's domain, so that SPF passes for that of From.
        var returnPath = returnPaths.For(
            delivery.Key.MessageId, delivery.Key.Ordinal, ReturnPathKind.Reply, handling.IsDomainReadyToSend ? handling.DomainName : null);
        return await draft.ToMessageAsync(returnPath, signatures, cancellationToken);
    }
}
