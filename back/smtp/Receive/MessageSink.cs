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
    private const int HeadRoom = 2048;

    // An announced size is only words: what is larger grows when it comes.
    private const int LargestGuess = 64 * 1024;

    // Of HeaderIndex: a slice and a number for each field, a hash for each name, lists that may be half empty.
    private const int FieldWeight = 96;

    // A thousand fields and more: not what people write, and not left to the next collection.
    private const int HeavyInspection = 128 * 1024;

    private readonly SmtpTransaction _transaction;
    private readonly MessageIntake _intake;
    private readonly MemoryHold _memory;
    private readonly PartBuffer _part;
    private int _traceLength;
    private Inspection? _inspection;
    private long _inspectionWeight;
    private int _searched;
    private int? _headerLength;
    private long _storedAhead;
    private bool _isHeaderTooLarge;
    private bool _ended;

    public MessageSink(MessageIntake intake, SmtpTransaction transaction, long messageId, DateTimeOffset receivedAt)
    {
        _intake = intake;
        _transaction = transaction;
        MessageId = messageId;
        ReceivedAt = receivedAt;
        _memory = intake.Memory.Open(Release);
        _part = new PartBuffer(_memory);
    }

    public long MessageId { get; }

    public DateTimeOffset ReceivedAt { get; }

    public SmtpTransaction Transaction => _transaction;

    /// <summary>Number of the part that is being gathered; those before it are stored.</summary>
    public int PartNumber { get; private set; }

    public PartBuffer Part => _part;

    public LoopGuard LoopGuard { get; } = new();

    public long Size => _storedAhead + _part.Length;

    /// <summary>Writes our trace. False: there is no memory for another message.</summary>
    public bool TryBegin()
    {
        var announced = _memory.IsScarce ? 0 : (int)Math.Clamp(_transaction.DeclaredSize ?? 0, 0, LargestGuess - HeadRoom);
        if (!_memory.TryUse() || !_part.TryReserve(HeadRoom + announced, out var room))
        {
            return false;
        }

        _traceLength = ReceivedHeader.Write(room[..HeadRoom], _transaction, _intake.Options.Hostname, MessageId, ReceivedAt);
        _part.Advance(_traceLength);
        _memory.Leave();
        return true;
    }

    public void Write(ReadOnlySpan<byte> octets)
    {
        // What was given up is read to its end, but not kept.
        if (!_memory.TryUse())
        {
            return;
        }

        if (_part.TryWrite(octets))
        {
            _memory.Leave();
        }
        else
        {
            _memory.GiveUp();
        }
    }

    public ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        var partSize = _intake.Options.PartSizeWhere(_memory.IsScarce);
        if (_part.Length < partSize || !_memory.TryUse())
        {
            return ValueTask.CompletedTask;
        }

        if (PartNumber == 0)
        {
            FindHeaderEnd(isLast: false);
        }

        if (_isHeaderTooLarge)
        {
            _memory.GiveUp();
            return ValueTask.CompletedTask;
        }

        if (_headerLength is not null)
        {
            return StoreAheadAsync(cancellationToken);
        }

        _memory.Leave();
        return ValueTask.CompletedTask;
    }

    public async ValueTask<SmtpReply> CompleteAsync(CancellationToken cancellationToken)
    {
        var isKept = _memory.TryUse();
        if (isKept && PartNumber == 0)
        {
            FindHeaderEnd(isLast: true);
        }

        if (_isHeaderTooLarge)
        {
            return _intake.RefuseHeader(_transaction);
        }

        if (!isKept || !TryInspect(isLast: true))
        {
            return _intake.RefuseForMemory(_transaction);
        }

        var reply = await _intake.AcceptAsync(this, End(), cancellationToken);
        // A positive reply has handed the buffer on; it goes back to the pool after delivery.
        _ended = reply.IsPositive;
        return reply;
    }

    public async ValueTask DisposeAsync()
    {
        if (_memory.TryUse())
        {
            Release();
        }

        _memory.Close();
        if (PartNumber > 0 && !_ended)
        {
            await _intake.AbandonAsync(MessageId);
        }
    }

    private async ValueTask StoreAheadAsync(CancellationToken cancellationToken)
    {
        if (!TryInspect(isLast: false))
        {
            _memory.GiveUp();
            return;
        }

        var number = PartNumber++;
        await _intake.Store.AppendPartAsync(MessageId, number, _part.Written, cancellationToken);
        _storedAhead += _part.Length;
        _part.Clear(giveBack: _memory.IsScarce);
        _memory.Restart();
        _memory.Leave();
    }

    private IncomingMessage End()
    {
        _inspection!.Finish();
        return new IncomingMessage(MessageId, _transaction, _inspection, ReceivedAt, Size, _part.Written, PartNumber == 0)
        {
            TraceLength = _traceLength,
            StoredParts = PartNumber,
        };
    }

    /// <summary>Has the octets of the part that is complete now read, before it goes. False: there is no memory for what is found.</summary>
    private bool TryInspect(bool isLast)
    {
        var octets = _part.Written;
        if (PartNumber > 0)
        {
            _inspection!.Append(octets.Span);
            return true;
        }

        LoopGuard.Read(octets.Span);
        var received = octets[_traceLength..];
        var header = received[.._headerLength!.Value];

        // The buffer is used again for the next part; signatures are looked at after the last one.
        _inspection = new Inspection(isLast ? header : header.ToArray(), _intake.Options.Signatures);
        var weight = (isLast ? 0 : header.Length) + ((long)_inspection.Index.Count * FieldWeight);
        if (!_memory.TryTake(weight))
        {
            return false;
        }

        _inspectionWeight = weight;
        var body = received.Span[header.Length..];
        _inspection.Append(body.StartsWith("\r\n"u8) ? body[2..] : body);
        return true;
    }

    /// <summary>Looks at each octet once, however often it is asked; what it finds does not depend on when that is.</summary>
    private void FindHeaderEnd(bool isLast)
    {
        var received = _part.Written.Span[_traceLength..];
        var from = Math.Max(0, _searched - 3);
        var end = received.StartsWith("\r\n"u8) ? 0 : received[from..].IndexOf("\r\n\r\n"u8) is >= 0 and var at ? from + at + 2 : -1;
        _searched = received.Length;
        if (end >= 0 || isLast)
        {
            _headerLength ??= end >= 0 ? end : received.Length;
        }

        // While it goes on, the empty line may have begun with the last octet.
        _isHeaderTooLarge = (_headerLength ?? received.Length - 1) > _intake.Options.MaxHeaderSize;
    }

    /// <summary>All that is held, but for what was handed on.</summary>
    private void Release()
    {
        if (!_ended)
        {
            _part.Dispose();
        }

        _inspection?.Dispose();
        if (_inspectionWeight > HeavyInspection)
        {
            _memory.Drop(_inspectionWeight);
        }
        else
        {
            _memory.Free(_inspectionWeight);
        }

        _inspectionWeight = 0;
    }
}
