using System.Buffers;
using System.Text;
using Microsoft.Extensions.Logging;
using Smtpy.Mail.Server.Commands;
using Smtpy.Mail.Server.Sasl;
using Smtpy.Mail.Server.Session;

namespace Smtpy.Mail.Server.Connections;

/// <summary>The challenges and responses after AUTH (RFC 4954 section 4), up to the reply that ends them.</summary>
internal sealed partial class SignIn(
    ServerContext server, SessionTransport transport, SmtpSession session, SmtpPeer peer, SessionInterrupts interrupts, PolicyGuard policy)
{
    /// <summary>Either the reply to AUTH, or why the connection is over.</summary>
    public readonly record struct Outcome(SmtpReply? Reply, ConnectionEnd End);

    public async ValueTask<Outcome> RunAsync(AuthCommand command)
    {
        var lookup = new SaslLookup(server.Users!, userName => policy.MayAuthenticateAsync(peer, userName));
        var mechanism = SaslMechanism.Begin(command.Mechanism, lookup);
        var response = command.InitialResponse;
        while (true)
        {
            var step = await AdvanceAsync(mechanism, response);
            if (step.Status != SaslStatus.Challenge)
            {
                return new Outcome(await ConcludeAsync(step, lookup.UserName, mechanism.Name), ConnectionEnd.None);
            }

            transport.Write(new SmtpReply(334, null, Convert.ToBase64String(step.Challenge.Span)));
            var (line, broken) = await ReadResponseAsync();
            if (line is null)
            {
                return broken;
            }

            response = line;
        }
    }

    private async ValueTask<SaslStep> AdvanceAsync(SaslMechanism mechanism, ReadOnlyMemory<byte>? response)
    {
        try
        {
            return await mechanism.NextAsync(response, server.ForcedStop);
        }
        catch (Exception fault)
        {
            var reply = policy.Fault(fault);
            return new SaslStep(SaslStatus.Unavailable) { Refusal = reply.Closes ? reply : AuthReplies.Unavailable };
        }
    }

    private async ValueTask<SmtpReply> ConcludeAsync(SaslStep step, string? userName, string mechanism)
    {
        var (reply, outcome) = step.Status switch
        {
            SaslStatus.Succeeded => (AuthReplies.Succeeded, SignInOutcome.Succeeded),
            SaslStatus.Failed => (AuthReplies.Failed, SignInOutcome.Failed),
            SaslStatus.Refused => (step.Refusal!, SignInOutcome.Refused),
            SaslStatus.Unavailable => (step.Refusal!, SignInOutcome.Unavailable),
            SaslStatus.Busy => (AuthReplies.Busy, SignInOutcome.Unavailable),
            _ => (AuthReplies.Malformed, SignInOutcome.Broken),
        };
        SmtpMetrics.SignedIn(outcome);
        if (step.Identity is not null)
        {
            session.Authenticated(step.Identity);
        }

        if (userName is not null && (outcome is SignInOutcome.Succeeded or SignInOutcome.Failed))
        {
            Log(outcome == SignInOutcome.Succeeded, userName, mechanism);
            await policy.AuthenticatedAsync(peer, userName, outcome == SignInOutcome.Succeeded);
        }

        return reply;
    }

    /// <summary>The decoded response, or else how the exchange ends.</summary>
    private async ValueTask<(byte[]? Response, Outcome Broken)> ReadResponseAsync()
    {
        var framer = new LineFramer(server.Options.Sasl.MaxLine);

        // Once for a line: octets that trickle in do not put the deadline off.
        var deadlineIsSet = false;
        while (true)
        {
            var end = interrupts.Check(inTransaction: false);
            if (end != ConnectionEnd.None)
            {
                return (null, new Outcome(null, end));
            }

            var status = framer.Read(ref transport.Unread, out var line);
            if (status != LineStatus.Incomplete)
            {
                transport.Deadline.Clear();
                return Decode(status, line);
            }

            if (!deadlineIsSet)
            {
                deadlineIsSet = true;
                transport.Deadline.Set(server.Options.CommandTimeout, Expiry.Interrupt);
            }

            if (await transport.ReadAsync() == ReadOutcome.Ended)
            {
                return (null, new Outcome(null, ConnectionEnd.ClientClosed));
            }
        }
    }

    private (byte[]? Response, Outcome Broken) Decode(LineStatus status, in ReadOnlySequence<byte> line)
    {
        ReadOnlySpan<byte> text = line.IsSingleSegment ? line.FirstSpan : line.ToArray();
        if (status == LineStatus.Line && SaslBase64.TryDecode(text, out var response))
        {
            return (response, default);
        }

        SmtpMetrics.SignedIn(SignInOutcome.Broken);
        var reply = status switch
        {
            LineStatus.TooLong => server.Replies.AuthLineTooLong,
            LineStatus.BareLineFeed => SessionReplies.BareLineFeed,
            _ when CommandGrammar.HasLineOctets(text) => SyntaxReplies.LineOctets,
            _ => text.SequenceEqual("*"u8) ? AuthReplies.Cancelled : SyntaxReplies.Base64,
        };
        return (null, new Outcome(reply, ConnectionEnd.None));
    }

    private void Log(bool succeeded, string userName, string mechanism)
    {
        if (!server.Logger.IsEnabled(LogLevel.Information))
        {
            return;
        }

        // A stranger may have chosen the name: without marks that turn text around.
        var shown = Addresses.VisibleText.Decode(Encoding.UTF8.GetBytes(userName));
        if (succeeded)
        {
            LogSucceeded(server.Logger, shown, peer.RemoteEndPoint, mechanism, peer.ConnectionId);
        }
        else
        {
            LogFailed(server.Logger, shown, peer.RemoteEndPoint, mechanism, peer.ConnectionId);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{User} signed in from {Client} with {Mechanism} (connection {Connection})")]
    private static partial void LogSucceeded(ILogger logger, string user, System.Net.IPEndPoint client, string mechanism, string connection);

    [LoggerMessage(Level = LogLevel.Information, Message = "Sign-in as {User} from {Client} with {Mechanism} failed (connection {Connection})")]
    private static partial void LogFailed(ILogger logger, string user, System.Net.IPEndPoint client, string mechanism, string connection);
}
