using Smtpy.Core.Storage;
using Smtpy.Mail.Messages;

namespace Smtpy.Core.Messages;

/// <summary>A message's octets read from the store part by part, below a head of our own where there is one.</summary>
/// <param name="head">Part 0 where it is not empty; the stored parts follow.</param>
/// <param name="storedLength">Octets in the stored parts together.</param>
public sealed class StoredContent(IMessageStore store, long messageId, int storedParts, long storedLength, ReadOnlyMemory<byte> head = default)
    : MessageContent
{
    private readonly int _heads = head.IsEmpty ? 0 : 1;

    public override long Length => head.Length + storedLength;

    public override int PartCount => storedParts + _heads;

    public override async ValueTask<ReadOnlyMemory<byte>> ReadPartAsync(int part, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(part);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(part, PartCount);
        if (part < _heads)
        {
            return head;
        }

        try
        {
            return await store.ReadPartAsync(messageId, part - _heads, cancellationToken)
                ?? throw new IOException($"Part {part - _heads} of message {messageId} is not stored any more.");
        }
        catch (StorageException failure)
        {
            throw new IOException(failure.Message, failure);
        }
    }
}
