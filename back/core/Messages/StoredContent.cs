using Smtpy.Core.Storage;
using Smtpy.Mail.Messages;

namespace Smtpy.Core.Messages;

/// <summary>
/// A message's octets read from the store part by part, below a head of our own where there is one. The head may stand for some of
/// the stored octets, its own header fields for the stored ones, say.
/// </summary>
/// <param name="storedLength">Octets in the stored parts together.</param>
/// <param name="head">Part 0 where it is not empty; the stored parts follow.</param>
/// <param name="replaced">How many of the stored octets, from the first, are left out.</param>
public sealed class StoredContent(
    IMessageStore store, long messageId, int storedParts, long storedLength, ReadOnlyMemory<byte> head = default, long replaced = 0)
    : MessageContent
{
    private readonly int _heads = head.IsEmpty ? 0 : 1;
    private readonly List<long> _starts = [0];

    public override long Length => head.Length + storedLength - replaced;

    public override int PartCount => storedParts + _heads;

    public override async ValueTask<ReadOnlyMemory<byte>> ReadPartAsync(int part, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(part);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(part, PartCount);
        if (part < _heads)
        {
            return head;
        }

        var stored = part - _heads;
        var start = await StartAsync(stored, cancellationToken);
        var octets = await ReadStoredAsync(stored, cancellationToken);
        return start >= replaced ? octets : octets[(int)Math.Min(octets.Length, replaced - start)..];
    }

    /// <summary>Where a stored part begins; past the replaced octets that does not matter and is not asked.</summary>
    private async ValueTask<long> StartAsync(int part, CancellationToken cancellationToken)
    {
        while (_starts.Count <= part && _starts[^1] < replaced)
        {
            _starts.Add(_starts[^1] + (await ReadStoredAsync(_starts.Count - 1, cancellationToken)).Length);
        }

        return part < _starts.Count ? _starts[part] : replaced;
    }

    private async ValueTask<ReadOnlyMemory<byte>> ReadStoredAsync(int part, CancellationToken cancellationToken)
    {
        try
        {
            return await store.ReadPartAsync(messageId, part, cancellationToken)
                ?? throw new IOException($"Part {part} of message {messageId} is not stored any more.");
        }
        catch (StorageException failure)
        {
            throw new IOException(failure.Message, failure);
        }
    }
}
