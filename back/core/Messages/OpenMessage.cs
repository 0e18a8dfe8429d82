using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Storage;
using Smtpy.Mail.Messages;

namespace Smtpy.Core.Messages;

/// <summary>The octets of a message as they came in, as long as they are kept.</summary>
public sealed class OpenMessage(IDbContextFactory<SmtpyContext> contexts, IMessageStore store)
{
    /// <param name="accountId">
    /// The account that asks: one of its own deliveries must still need the octets. That another account's does is none of its business.
    /// Null for the operator.
    /// </param>
    public async Task<Outcome<MessageContent>> RunAsync(long messageId, Guid? accountId, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var selected = await DeliverySelection.FindAsync(context, messageId, null, accountId, cancellationToken);
        if (selected.Count == 0)
        {
            return DeliverySelection.Missing(messageId, null, accountId);
        }

        var message = await context.Messages.AsNoTracking().FirstOrDefaultAsync(m => m.Id == messageId, cancellationToken);
        var kept = message is not null && (accountId is null || selected.Exists(DeliverySelection.NeedsOctets))
            ? await context.MessageParts.CountAsync(p => p.MessageId == messageId, cancellationToken)
            : 0;
        return message is null || kept < message.PartCount
            ? Problem.NotPossible($"The content of message {messageId} is no longer stored.")
            : new StoredContent(store, messageId, message.PartCount, message.Size);
    }
}
