using System.Text;
using Smtpy.Core.Recipients;
using Smtpy.Core.Rules;
using Smtpy.Core.Storage;
using Smtpy.Mail.Addresses;
using Smtpy.Mail.Client;
using Smtpy.Mail.Encryption;
using Smtpy.Mail.Headers;
using Smtpy.Mail.Messages;
using Smtpy.Mail.Rewriting;
using Smtpy.Smtp.Deliver;
using Smtpy.Smtp.Judge;
using Smtpy.Smtp.Route;
using Smtpy.Smtp.Sign;

namespace Smtpy.Smtp.Rewrite;

/// <summary>Mail to an alias on its way to a mailbox: banner, header, encryption, signatures, in this order.</summary>
internal sealed class ForwardComposer(
    AliasHandlings aliases, EncryptionBook encryptions, PrivateHeader privateHeader, TransparentHeader transparentHeader,
    MessageEncryptor encryptor, WholeMessages wholeMessages, MessageSigner signer, ReturnPaths returnPaths, RewriteOptions options)
{
    /// <exception cref="IOException">The stored octets cannot be read.</exception>
    /// <exception cref="StorageException">The database cannot be read or written.</exception>
    public async ValueTask<Composition> ComposeAsync(
        IReadOnlyList<DueDelivery> deliveries, Judgement judgement, MessageContent content, CancellationToken cancellationToken)
    {
        if (await EncryptionAsync(deliveries, cancellationToken) is not { } encryption)
        {
            return Composition.Apart;
        }

        if (encryption.Fault is { } fault)
        {
            return Composition.Held(fault);
        }

        var first = deliveries[0];
        if (await aliases.FindAsync(first.AliasAddress, cancellationToken) is not var (route, alias, handling))
        {
            return Composition.Failed(new PeerReply(550, "5.1.3", $"{first.AliasAddress} is no address"));
        }

        if (aliases.HeldFromOthers(route, alias, first.AccountId) is { } held)
        {
            return held;
        }

        var sealKey = await signer.FindSealKeyAsync(handling.DomainName, judgement, cancellationToken);
        var forwarding = new Forwarding(first, route, alias, handling, judgement, encryption, sealKey);
        return await ComposeAsync(forwarding, content, cancellationToken);
    }

    private async ValueTask<Composition> ComposeAsync(Forwarding forwarding, MessageContent content, CancellationToken cancellationToken)
    {
        if (await StoredMessage.ReadAsync(content, cancellationToken) is not { } stored)
        {
            return Composition.Held("The message's header is larger than one that can be rewritten.");
        }

        var changesBody = forwarding.Handling.Banner != BannerPlace.Off || forwarding.Encryption.IsUsable;
        if (changesBody && content.Length > options.MaxRewrittenOctets)
        {
            return Composition.Held(
                $"The message is larger than {options.MaxRewrittenOctets / (1024 * 1024)} MiB, the most that a note is put into or that is encrypted.");
        }

        using var room = changesBody ? await wholeMessages.EnterAsync(content.Length, cancellationToken) : null;
        var (draft, reason) = changesBody
            ? await RewriteWholeAsync(forwarding, stored, cancellationToken)
            : (Draft.Over(stored, await HeaderAsync(forwarding, stored.Header, isBodyChanged: false, cancellationToken)), null);
        if (draft is null)
        {
            return Composition.Held(reason!);
        }

        var signatures = await signer.SignAsync(draft, SigningDomain(forwarding, draft), forwarding.SealKey, forwarding.Judgement, cancellationToken);

        // The null reverse path stays null (RFC 5321 section 4.5.5).
        var key = forwarding.Delivery.Key;
        var returnPath = forwarding.Delivery.Sender.Length == 0 ? "" : returnPaths.For(key.MessageId, key.Ordinal);
        return Composition.Of(await draft.ToMessageAsync(returnPath, signatures, cancellationToken), room?.HandOn());
    }

    /// <summary>Null where one message cannot serve all: each recipient has a key of their own.</summary>
    private async ValueTask<RecipientEncryption?> EncryptionAsync(IReadOnlyList<DueDelivery> deliveries, CancellationToken cancellationToken)
    {
        RecipientEncryption? shared = null;
        for (var i = 0; i < deliveries.Count; i++)
        {
            var own = deliveries[i].AccountId is { } account
                ? await encryptions.FindAsync(account, deliveries[i].Recipient, cancellationToken)
                : RecipientEncryption.None;
            if (shared is not null && !shared.IsSame(own))
            {
                return null;
            }

            shared = own;
        }

        return shared;
    }

    /// <summary>The message as a whole in memory; its length was looked at.</summary>
    private async ValueTask<(Draft? Draft, string? Reason)> RewriteWholeAsync(
        Forwarding forwarding, StoredMessage stored, CancellationToken cancellationToken)
    {
        var original = await stored.ReadWholeAsync(cancellationToken);
        var whole = forwarding.Handling.Banner == BannerPlace.Off
            ? original
            : Banner.Insert(original, BannerText(forwarding, stored.Header.Span), forwarding.Handling.Banner == BannerPlace.Bottom);
        var hasBanner = !whole.Equals(original);
        var encrypts = forwarding.Encryption.IsUsable && !EncryptedContent.IsIn(whole.Span);
        var length = new HeaderBlock(whole.Span).Length;
        var header = await HeaderAsync(forwarding, whole[..length], hasBanner || encrypts, cancellationToken);
        if (!encrypts)
        {
            return (hasBanner ? Draft.Anew(stored, Draft.Concat(header, whole[length..])) : Draft.Over(stored, header), null);
        }

        var result = encryptor.Encrypt(
            Draft.Concat(header, whole[length..]), forwarding.Encryption.Key!, forwarding.Encryption.ProtectSubject, cancellationToken);
        return result.Status == EncryptionStatus.Failed ? (null, result.Reason) : (Draft.Anew(stored, result.Message), null);
    }

    private async ValueTask<ReadOnlyMemory<byte>> HeaderAsync(
        Forwarding forwarding, ReadOnlyMemory<byte> header, bool isBodyChanged, CancellationToken cancellationToken)
    {
        var rewritten = forwarding.IsPrivate
            ? await privateHeader.WriteAsync(forwarding, header, cancellationToken)
            : await transparentHeader.WriteAsync(forwarding, header, isBodyChanged, cancellationToken);
        return Draft.Concat(ForwardTrace.Write(forwarding, options.Hostname), rewritten);
    }

    /// <summary>Where From is ours, its domain, so that DMARC passes for it; else the alias's, which answers for the forward.</summary>
    private string SigningDomain(Forwarding forwarding, Draft draft)
    {
        var own = AliasHandlings.SendingDomain(forwarding.Handling, options);
        return Author.Read(draft.Header.Span).First?.Address.Domain is { } from && (from == options.Hostname || from == forwarding.Alias.Domain) ? from : own;
    }

    private static string BannerText(Forwarding forwarding, ReadOnlySpan<byte> header)
    {
        var sender = Author.Read(header).First?.Address ?? forwarding.EnvelopeSender;
        var text = new StringBuilder("This message was sent to ").Append(forwarding.Alias.Address);
        return (sender is null ? text : text.Append(" by ").Append(sender.Address)).Append('.').ToString();
    }
}
