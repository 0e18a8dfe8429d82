using System.Buffers;
using System.Runtime.CompilerServices;
using Smtpy.Mail.Server.Commands;
using Smtpy.Mail.Server.Session;

namespace Smtpy.Mail.Server.Connections;

/// <summary>Commands and replies on one greeted connection, up to its end.</summary>
internal sealed class Conversation(
    ServerContext server, SessionTransport transport, SmtpSession session, SessionInterrupts interrupts,
    PolicyGuard policy, MessageReceiver messages, SignIn? signIn)
{
    /// <summary>Then other sockets of the same thread have their turn: a client whose commands never cease to come is never waited for.</summary>
    private const int CommandsInARow = 256;

    private bool _awaitingLine;

    public async Task<ConnectionEnd> RunAsync()
    {
        // AUTH may bring a long response with it; Understand holds the others to their limit.
        var framer = new LineFramer(signIn is null ? server.Options.MaxCommandLine : Math.Max(server.Options.MaxCommandLine, server.Options.Sasl.MaxLine));
        for (var count = 1; ; count++)
        {
            if (count % CommandsInARow == 0)
            {
                await Task.Yield();
            }

            var status = framer.Read(ref transport.Unread, out var line);
            ConnectionEnd end;
            if (status == LineStatus.Incomplete)
            {
                end = await AwaitInputAsync();
            }
            else
            {
                _awaitingLine = false;
                transport.Deadline.Clear();
                end = interrupts.Check(session.Transaction is not null);
                if (end == ConnectionEnd.None)
                {
                    end = await PerformAsync(Understand(status, line, framer.DroppedChunk));
                }

                if (transport.MustFlush && !await transport.FlushAsync())
                {
                    return ConnectionEnd.ClientClosed;
                }
            }

            if (end != ConnectionEnd.None)
            {
                return end;
            }
        }
    }

    private SmtpCommand Understand(LineStatus status, in ReadOnlySequence<byte> line, bool isChunk) => status switch
    {
        LineStatus.TooLong => TooLong(isChunk),
        LineStatus.BareLineFeed => new InvalidCommand(SmtpVerb.Unknown, SessionReplies.BareLineFeed),
        _ => Parse(line.IsSingleSegment ? line.FirstSpan : line.ToArray()),
    };

    private SmtpCommand Parse(ReadOnlySpan<byte> line) =>
        line.Length + 2 > server.Options.MaxCommandLine && !CommandGrammar.IsAuth(line)
            ? TooLong(CommandGrammar.IsChunk(line))
            : CommandGrammar.Parse(line);

    private InvalidCommand TooLong(bool isChunk) =>
        isChunk ? CommandGrammar.BadChunk : new InvalidCommand(SmtpVerb.Unknown, server.Replies.LineTooLong);

    /// <summary>Waits for each line, a dozen times for a message: what it waits with is used again.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ConnectionEnd> AwaitInputAsync()
    {
        var end = interrupts.Check(session.Transaction is not null);
        if (end != ConnectionEnd.None)
        {
            return end;
        }

        // Once for a line: octets that trickle in do not put the deadline off.
        if (!_awaitingLine)
        {
            _awaitingLine = true;
            transport.Deadline.Set(server.Options.CommandTimeout, Expiry.Interrupt);
        }

        return await transport.ReadAsync() switch
        {
            ReadOutcome.Data => ConnectionEnd.None,
            ReadOutcome.Ended => ConnectionEnd.ClientClosed,
            _ => interrupts.Check(session.Transaction is not null),
        };
    }

    private async ValueTask<ConnectionEnd> PerformAsync(SmtpCommand command)
    {
        var wasInChunks = session.InChunks;
        var step = session.Receive(command);
        if (wasInChunks && !session.InChunks)
        {
            await messages.AbandonChunksAsync();
        }

        switch (step.Effect)
        {
            case SessionEffect.AskSender:
                var senderReply = await policy.SenderAsync(step.Transaction!);
                session.SenderAnswered(step.Transaction!, senderReply);
                return Send(command.Verb, senderReply);

            case SessionEffect.AskRecipient:
                var recipientReply = await policy.RecipientAsync(step.Transaction!, step.Recipient!);
                session.RecipientAnswered(step.Recipient!, recipientReply);
                return Send(command.Verb, recipientReply);

            case SessionEffect.ReceiveData:
                var message = await messages.ReceiveDataAsync(step.Transaction!);
                session.MessageEnded();
                return Send(command.Verb, message);

            case SessionEffect.ReceiveChunk:
                var chunk = await messages.ReceiveChunkAsync(step);
                if (chunk.Reply is not null)
                {
                    session.ChunkEnded(chunk.Reply, step.IsLastChunk);
                }

                return Send(command.Verb, chunk);

            case SessionEffect.SkipChunk:
                var end = await messages.SkipChunkAsync(step.ChunkSize);
                return end == ConnectionEnd.None ? Send(command.Verb, step.Reply!) : end;

            case SessionEffect.StartTls:
                return await StartTlsAsync(step.Reply!);

            case SessionEffect.Authenticate:
                return await AuthenticateAsync((AuthCommand)command);

            default:
                if (step.Transaction is { } announced)
                {
                    policy.NotTaken(announced, MessageFault.TooLarge, step.Reply);
                }

                return Send(command.Verb, step.Reply!);
        }
    }

    private ConnectionEnd Send(SmtpVerb verb, MessageReceiver.Outcome outcome) =>
        outcome.End == ConnectionEnd.None ? Send(verb, outcome.Reply!) : outcome.End;

    private async ValueTask<ConnectionEnd> AuthenticateAsync(AuthCommand command)
    {
        var outcome = await signIn!.RunAsync(command);
        if (outcome.End != ConnectionEnd.None)
        {
            return outcome.End;
        }

        var end = Send(SmtpVerb.Auth, outcome.Reply!);
        if (end == ConnectionEnd.None && outcome.Reply == AuthReplies.Failed && session.AuthenticationFailed() is { } last)
        {
            transport.Write(last);
            return ConnectionEnd.TooManyErrors;
        }

        return end;
    }

    private ConnectionEnd Send(SmtpVerb verb, SmtpReply reply)
    {
        transport.Write(reply);
        SmtpMetrics.Command(verb, reply.Code);
        if (reply.Closes)
        {
            return EndAfter(verb, reply);
        }

        var last = session.Answered(reply);
        if (last is null)
        {
            return ConnectionEnd.None;
        }

        transport.Write(last);
        return ConnectionEnd.TooManyErrors;
    }

    private ConnectionEnd EndAfter(SmtpVerb verb, SmtpReply reply) =>
        reply == server.Replies.TooManyMessages ? ConnectionEnd.TooManyMessages
        : reply == server.Replies.Stopping ? ConnectionEnd.Refused
        : reply == SessionReplies.BadOctets || reply == SessionReplies.BareLineFeed || reply == SyntaxReplies.LineOctets ? ConnectionEnd.BadOctets
        : reply == SyntaxReplies.Chunk ? ConnectionEnd.BadChunk
        : verb == SmtpVerb.Quit ? ConnectionEnd.Quit
        : verb == SmtpVerb.Http ? ConnectionEnd.Http
        : ConnectionEnd.Refused;

    private async ValueTask<ConnectionEnd> StartTlsAsync(SmtpReply reply)
    {
        transport.Discard();
        transport.Write(reply);
        SmtpMetrics.Command(SmtpVerb.StartTls, reply.Code);
        if (!await transport.FlushAsync())
        {
            return ConnectionEnd.ClientClosed;
        }

        // A message begun in clear text is clear text: nothing of it may become part of one sent under TLS (RFC 3207 section 4.2).
        await messages.AbandonChunksAsync();
        if (await TlsHandshake.TryAsync(server, transport) is not { } description)
        {
            return ConnectionEnd.TlsFailed;
        }

        session.TlsStarted(description);
        return ConnectionEnd.None;
    }
}
