using Microsoft.Extensions.Logging;
using Smtpy.Core.Storage;
using Smtpy.Mail.Server;

namespace Smtpy.Smtp.Receive;

/// <summary>
/// Takes one message: our Received field first, then the octets as they come. What exceeds a part is stored ahead, so memory
/// does not grow with the message; the last part is stored together with the message itself, and only then 250 is said.
/// </summary>
internal sealed class MessageSink : IMessageSink
{
    private readonly SmtpTransaction _transaction;
    private readonly MailReceiver _receiver;
    private readonly PartBuffer _part;
    private bool _ended;

    public MessageSink(MailReceiver receiver, SmtpTransaction transaction, long messageId, DateTimeOffset receivedAt)
    {
        const int headRoom = 2048, firstGuess = 4096;
        _receiver = receiver;
        _transaction = transaction;
        MessageId = messageId;
        ReceivedAt = receivedAt;
        var announced = (int)Math.Clamp(transaction.DeclaredSize ?? 0, firstGuess - headRoom, receiver.Options.PartSize);
        _part = new PartBuffer(announced + headRoom);
        _part.Advance(ReceivedHeader.Write(_part.Reserve(headRoom), transaction, receiver.Options.Hostname, messageId, receivedAt));
    }

    public long MessageId { get; }

    public DateTimeOffset ReceivedAt { get; }

    public SmtpTransaction Transaction => _transaction;

    /// <summary>Number of the part that is being gathered; those before it are stored.</summary>
    public int PartNumber { get; private set; }

    public PartBuffer Part => _part;

    public LoopGuard LoopGuard { get; } = new();

    private long _storedAhead;

    public long Size => _storedAhead + _part.Length;

    public void Write(ReadOnlySpan<byte> octets) => _part.Write(octets);

    public ValueTask FlushAsync(CancellationToken cancellationToken) =>
        _part.Length < _receiver.Options.PartSize ? ValueTask.CompletedTask : StoreAheadAsync(cancellationToken);

    public async ValueTask<SmtpReply> CompleteAsync(CancellationToken cancellationToken)
    {
        LoopGuard.Read(_part.Written.Span, PartNumber);
        var reply = await _receiver.AcceptAsync(this, cancellationToken);
        // A positive reply has handed the buffer on; it goes back to the pool after delivery.
        _ended = reply.IsPositive;
        return reply;
    }

    public async ValueTask DisposeAsync()
    {
        if (_ended)
        {
            return;
        }

        _part.Dispose();
        if (PartNumber > 0)
        {
            await _receiver.AbandonAsync(MessageId);
        }
    }

    private async ValueTask StoreAheadAsync(CancellationToken cancellationToken)
    {
        LoopGuard.Read(_part.Written.Span, PartNumber);
        var number = PartNumber++;
        await _receiver.Store.AppendPartAsync(MessageId, number, _part.Written, cancellationToken);
        _storedAhead += _part.Length;
        _part.Clear();
    }
}
