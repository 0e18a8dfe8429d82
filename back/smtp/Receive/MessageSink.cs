using Smtpy.Core.Storage;
using Smtpy.Mail.Headers;
using Smtpy.Mail.Server;

namespace Smtpy.Smtp.Receive;

/// <summary>
/// Takes one message: our Received field first, then the octets as they come. What exceeds a part is stored ahead, so memory
/// does not grow with the message; the last part is stored together with the message itself, and only then 250 is said. The header is
/// never divided: part 0 holds the whole of it.
/// </summary>
internal sealed class MessageSink : IMessageSink
{
    private readonly SmtpTransaction _transaction;
    private readonly MessageIntake _intake;
    private readonly PartBuffer _part;
    private readonly int _traceLength;
    private Inspection? _inspection;
    private int _searched;
    private long _storedAhead;
    private bool _ended;

    public MessageSink(MessageIntake intake, SmtpTransaction transaction, long messageId, DateTimeOffset receivedAt)
    {
        const int headRoom = 2048, firstGuess = 4096;
        _intake = intake;
        _transaction = transaction;
        MessageId = messageId;
        ReceivedAt = receivedAt;
        var announced = (int)Math.Clamp(transaction.DeclaredSize ?? 0, firstGuess - headRoom, intake.Options.PartSize);
        _part = new PartBuffer(announced + headRoom);
        _traceLength = ReceivedHeader.Write(_part.Reserve(headRoom), transaction, intake.Options.Hostname, messageId, receivedAt);
        _part.Advance(_traceLength);
        _searched = _traceLength;
    }

    public long MessageId { get; }

    public DateTimeOffset ReceivedAt { get; }

    public SmtpTransaction Transaction => _transaction;

    /// <summary>Number of the part that is being gathered; those before it are stored.</summary>
    public int PartNumber { get; private set; }

    public PartBuffer Part => _part;

    public LoopGuard LoopGuard { get; } = new();

    /// <summary>True where the header goes on beyond what is read of one: the message is not taken.</summary>
    public bool IsHeaderTooLarge { get; private set; }

    public long Size => _storedAhead + _part.Length;

    public void Write(ReadOnlySpan<byte> octets)
    {
        // What is refused anyway is read to its end, but not kept.
        if (!IsHeaderTooLarge)
        {
            _part.Write(octets);
        }
    }

    public ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        if (IsHeaderTooLarge || _part.Length < _intake.Options.PartSize)
        {
            return ValueTask.CompletedTask;
        }

        if (PartNumber == 0 && !HasWholeHeader())
        {
            IsHeaderTooLarge = _part.Length - _traceLength > _intake.Options.MaxHeaderSize;
            return ValueTask.CompletedTask;
        }

        return StoreAheadAsync(cancellationToken);
    }

    public async ValueTask<SmtpReply> CompleteAsync(CancellationToken cancellationToken)
    {
        var message = End();
        var reply = await _intake.AcceptAsync(this, message, cancellationToken);
        // A positive reply has handed the buffer on; it goes back to the pool after delivery.
        _ended = reply.IsPositive;
        return reply;
    }

    public async ValueTask DisposeAsync()
    {
        _inspection?.Dispose();
        if (_ended)
        {
            return;
        }

        _part.Dispose();
        if (PartNumber > 0)
        {
            await _intake.AbandonAsync(MessageId);
        }
    }

    private async ValueTask StoreAheadAsync(CancellationToken cancellationToken)
    {
        var octets = Inspect(isLast: false);
        var number = PartNumber++;
        await _intake.Store.AppendPartAsync(MessageId, number, octets, cancellationToken);
        _storedAhead += _part.Length;
        _part.Clear();
    }

    private IncomingMessage End()
    {
        var octets = Inspect(isLast: true);
        _inspection!.Finish();
        return new IncomingMessage(MessageId, _transaction, _inspection, ReceivedAt, Size, octets, PartNumber == 0)
        {
            TraceLength = _traceLength,
            StoredParts = PartNumber,
        };
    }

    /// <summary>Has the octets of the part that is complete now read, before it goes.</summary>
    private ReadOnlyMemory<byte> Inspect(bool isLast)
    {
        var octets = _part.Written;
        if (PartNumber > 0)
        {
            _inspection!.Append(octets.Span);
            return octets;
        }

        LoopGuard.Read(octets.Span);
        var received = octets[_traceLength..];
        var header = received[..new HeaderBlock(received.Span).Length];

        // The buffer is used again for the next part; signatures are looked at after the last one.
        _inspection = new Inspection(isLast ? header : header.ToArray(), _intake.Options.Signatures);
        var body = received.Span[header.Length..];
        _inspection.Append(body.StartsWith("\r\n"u8) ? body[2..] : body);
        return octets;
    }

    /// <summary>Looks at each octet once, however often it is asked.</summary>
    private bool HasWholeHeader()
    {
        var octets = _part.Written.Span;
        var from = Math.Max(_traceLength, _searched - 3);
        var end = octets[from..].IndexOf("\r\n\r\n"u8);
        _searched = octets.Length;
        return end >= 0 || octets[_traceLength..].StartsWith("\r\n"u8);
    }
}
