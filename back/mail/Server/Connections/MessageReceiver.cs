using Smtpy.Mail.Server.Data;
using Smtpy.Mail.Server.Session;

namespace Smtpy.Mail.Server.Connections;

/// <summary>Reads messages off the connection into the policy's sinks, with DATA or with BDAT.</summary>
internal sealed class MessageReceiver(ServerContext server, SessionTransport transport, SessionInterrupts interrupts, PolicyGuard policy)
    : IAsyncDisposable
{
    // How long a client that was told off may go on sending before the socket is closed over its reply.
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(5);

    private MessageIntake? _chunks;
    private ChunkFramer? _chunkFramer;
    private long _messageEnd;

    // The message that is coming in, until something was said to it.
    private SmtpTransaction? _underWay;

    /// <summary>Either the reply to the message, or why the connection is over.</summary>
    public readonly record struct Outcome(SmtpReply? Reply, ConnectionEnd End);

    public async ValueTask<Outcome> ReceiveDataAsync(SmtpTransaction transaction)
    {
        var start = await policy.OpenAsync(transaction);
        if (start.Sink is null)
        {
            return Answer(start.Refusal);
        }

        await using var intake = new MessageIntake(start.Sink, server.Options.MaxMessageSize);
        _underWay = transaction;
        transport.Write(SessionReplies.StartData);
        _messageEnd = server.Heartbeat.In(server.Options.DataTimeout);
        var framer = new DataFramer();
        var end = await PumpAsync(framer, intake);
        return end == ConnectionEnd.None ? await JudgeAsync(framer, intake, isLast: true) : new Outcome(null, end);
    }

    public async ValueTask<Outcome> ReceiveChunkAsync(SessionStep step)
    {
        SmtpReply? refusal = null;
        if (_chunkFramer is null)
        {
            var start = await policy.OpenAsync(step.Transaction!);
            refusal = start.Refusal;
            _chunks = start.Sink is null ? null : new MessageIntake(start.Sink, server.Options.MaxMessageSize);
            _underWay = start.Sink is null ? null : step.Transaction;
            _chunkFramer = new ChunkFramer();
            _messageEnd = server.Heartbeat.In(server.Options.DataTimeout);
        }
        else if (server.Heartbeat.Now >= _messageEnd)
        {
            // Chunks that arrive whole never wait for a read, which is where the deadline is looked at else.
            return new Outcome(null, ConnectionEnd.Timeout);
        }

        _chunkFramer.Begin(step.ChunkSize);
        var end = await PumpAsync(_chunkFramer, _chunks);
        if (end == ConnectionEnd.None && step.IsLastChunk)
        {
            _chunkFramer.End();
        }

        var outcome = end != ConnectionEnd.None ? new Outcome(null, end)
            : _chunks is null ? Answer(refusal)
            : await JudgeAsync(_chunkFramer, _chunks, step.IsLastChunk);
        if (end == ConnectionEnd.None && (step.IsLastChunk || outcome.Reply is not { IsPositive: true }))
        {
            await AbandonChunksAsync();
        }

        return outcome;
    }

    /// <summary>Reads a chunk that nobody wants.</summary>
    public ValueTask<ConnectionEnd> SkipChunkAsync(long size)
    {
        var framer = new ChunkFramer();
        framer.Begin(size);
        _messageEnd = server.Heartbeat.In(server.Options.DataTimeout);
        return PumpAsync(framer, null);
    }

    /// <summary>The transaction of the chunks received so far is over (RSET, EHLO), or they were refused.</summary>
    public async ValueTask AbandonChunksAsync()
    {
        _chunkFramer = null;
        _underWay = null;
        if (_chunks is not null)
        {
            await _chunks.DisposeAsync();
            _chunks = null;
        }
    }

    /// <summary>The connection is over; a message that is still under way was cut off.</summary>
    public ValueTask DisposeAsync()
    {
        NotTaken(MessageFault.CutOff, null);
        return AbandonChunksAsync();
    }

    /// <summary>Once for a message.</summary>
    private SmtpReply? NotTaken(MessageFault fault, SmtpReply? reply)
    {
        if (_underWay is { } message)
        {
            _underWay = null;
            policy.NotTaken(message, fault, reply);
        }

        return reply;
    }

    private async ValueTask<Outcome> JudgeAsync(IOctetFramer framer, MessageIntake intake, bool isLast)
    {
        if (framer.FoundBadOctet)
        {
            return Answer(NotTaken(MessageFault.BadOctets, SessionReplies.BadOctets));
        }

        if (intake.IsTooLarge)
        {
            return Answer(NotTaken(MessageFault.TooLarge, server.Replies.TooLarge));
        }

        if (isLast)
        {
            // Whatever is said now, the policy says.
            _underWay = null;
        }

        if (intake.Fault is not null)
        {
            return Answer(policy.Fault(intake.Fault));
        }

        return Answer(isLast ? await policy.CompleteAsync(intake) : SessionReplies.ChunkTaken);
    }

    private async ValueTask<ConnectionEnd> PumpAsync(IOctetFramer framer, MessageIntake? intake)
    {
        IOctetTarget target = intake is null ? Nowhere.Instance : intake;
        var toldOff = false;
        while (true)
        {
            var status = Feed(framer, target);
            if (intake is not null && !framer.FoundBadOctet)
            {
                await intake.SettleAsync(server.ForcedStop);
            }

            if (status == FramerStatus.Complete)
            {
                return toldOff ? ConnectionEnd.BadOctets : ConnectionEnd.None;
            }

            // At once, since such a client may never send the end we wait for; then its octets are read on for a while, so that
            // the reply is not lost in a connection reset.
            if (status == FramerStatus.BadOctet && intake is not null && !toldOff)
            {
                toldOff = true;
                NotTaken(MessageFault.BadOctets, SessionReplies.BadOctets);
                await intake.DisposeAsync();
                transport.Write(SessionReplies.BadOctets);
                _messageEnd = server.Heartbeat.In(Linger);
            }

            var end = await ReadMoreAsync();
            if (end != ConnectionEnd.None)
            {
                return toldOff ? ConnectionEnd.BadOctets : end;
            }
        }
    }

    private async ValueTask<ConnectionEnd> ReadMoreAsync()
    {
        var silence = server.Heartbeat.In(server.Options.DataBlockTimeout);
        transport.Deadline.SetAt(Math.Min(silence, _messageEnd), Expiry.Interrupt);
        var outcome = await transport.ReadAsync();
        transport.Deadline.Clear();
        return outcome switch
        {
            ReadOutcome.Data => ConnectionEnd.None,
            ReadOutcome.Ended => ConnectionEnd.ClientClosed,
            _ => interrupts.Check(inTransaction: true),
        };
    }

    private FramerStatus Feed(IOctetFramer framer, IOctetTarget target)
    {
        // Also with nothing received: a chunk of no octets is complete.
        var status = FramerStatus.Reading;
        do
        {
            status = framer.Read(transport.Unread.FirstSpan, target, out var consumed);
            transport.Unread = transport.Unread.Slice(consumed);
        }
        while (status != FramerStatus.Complete && !transport.Unread.IsEmpty);

        return status;
    }

    private static Outcome Answer(SmtpReply? reply) =>
        new(reply, ConnectionEnd.None);

    private sealed class Nowhere : IOctetTarget
    {
        public static readonly Nowhere Instance = new();

        public void Write(ReadOnlySpan<byte> octets)
        {
        }
    }
}
