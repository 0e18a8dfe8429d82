using Smtpy.Core.Storage;
using Smtpy.Mail.Messages;
using Smtpy.Smtp.Deliver;
using Smtpy.Smtp.Judge;
using Smtpy.Smtp.Route;
using Smtpy.Smtp.Sign;

namespace Smtpy.Smtp.Rewrite;

/// <summary>Our own mail to owners: as it is stored, signed by the instance.</summary>
internal sealed class NoticeComposer(MessageSigner signer, ReturnPaths returnPaths, RewriteOptions options)
{
    /// <exception cref="IOException">The stored octets cannot be read.</exception>
    /// <exception cref="StorageException">The database cannot be read.</exception>
    public async ValueTask<Composition> ComposeAsync(DueDelivery delivery, MessageContent content, CancellationToken cancellationToken)
    {
        if (await StoredMessage.ReadAsync(content, cancellationToken) is not { } stored)
        {
            return Composition.Held("The message's header is larger than one that can be signed.");
        }

        var draft = Draft.Over(stored, stored.Header);
        var signatures = await signer.SignAsync(draft, options.Hostname, sealKey: null, Judgement.None, cancellationToken);
        var returnPath = delivery.Sender.Length == 0 ? "" : returnPaths.For(delivery.Key.MessageId, delivery.Key.Ordinal, ReturnPathKind.Notice);
        return Composition.Of(await draft.ToMessageAsync(returnPath, signatures, cancellationToken));
    }
}
