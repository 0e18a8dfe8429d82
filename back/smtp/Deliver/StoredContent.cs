using Smtpy.Core.Storage;
using Smtpy.Mail.Messages;

namespace Smtpy.Smtp.Deliver;

/// <summary>A message that is read from the store part by part while it is sent.</summary>
public sealed class StoredContent(IMessageStore store, long messageId, long length, int partCount) : MessageContent
{
    public override long Length => length;

    public override int PartCount => partCount;

    public override async ValueTask<ReadOnlyMemory<byte>> ReadPartAsync(int part, CancellationToken cancellationToken)
    {
        try
        {
            return await store.ReadPartAsync(messageId, part, cancellationToken)
                ?? throw new IOException($"part {part} of message {messageId} is missing");
        }
        catch (StorageException e)
        {
            throw new IOException(e.Message, e);
        }
    }
}
