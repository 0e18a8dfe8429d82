using Microsoft.Extensions.Logging;
using Smtpy.Mail.Server.Session;

namespace Smtpy.Mail.Server.Connections;

/// <summary>Asks the policy, and turns its exceptions into 451 4.3.0 and a log line.</summary>
internal sealed partial class PolicyGuard(ServerContext server, string connectionId)
{
    public async ValueTask<SmtpReply?> WelcomeAsync(SmtpPeer peer)
    {
        try
        {
            return await server.Policy.OnConnectAsync(peer, server.ForcedStop);
        }
        catch (Exception fault)
        {
            return Fault(fault);
        }
    }

    /// <exception cref="Exception">Whatever the policy throws: the exchange ends with it.</exception>
    public ValueTask<SmtpReply?> MayAuthenticateAsync(SmtpPeer peer, string userName) =>
        server.Policy.OnAuthenticateAsync(peer, userName, server.ForcedStop);

    public async ValueTask AuthenticatedAsync(SmtpPeer peer, string userName, bool succeeded)
    {
        try
        {
            await server.Policy.OnAuthenticatedAsync(peer, userName, succeeded, server.ForcedStop);
        }
        catch (Exception fault)
        {
            // What the policy could not note changes nothing about who the client is.
            Fault(fault);
        }
    }

    public async ValueTask<SmtpReply> SenderAsync(SmtpTransaction transaction)
    {
        try
        {
            return await server.Policy.OnMailAsync(transaction, server.ForcedStop);
        }
        catch (Exception fault)
        {
            return Fault(fault);
        }
    }

    public async ValueTask<SmtpReply> RecipientAsync(SmtpTransaction transaction, SmtpRecipient recipient)
    {
        try
        {
            return await server.Policy.OnRecipientAsync(transaction, recipient, server.ForcedStop);
        }
        catch (Exception fault)
        {
            return Fault(fault);
        }
    }

    public async ValueTask<DataStart> OpenAsync(SmtpTransaction transaction)
    {
        try
        {
            return await server.Policy.OnDataAsync(transaction, server.ForcedStop);
        }
        catch (Exception fault)
        {
            return DataStart.Refuse(Fault(fault));
        }
    }

    public async ValueTask<SmtpReply> CompleteAsync(MessageIntake intake)
    {
        try
        {
            return await intake.CompleteAsync(server.ForcedStop);
        }
        catch (Exception fault)
        {
            return Fault(fault);
        }
    }

    public void NotTaken(SmtpTransaction transaction, MessageFault fault, SmtpReply? reply)
    {
        try
        {
            server.Policy.OnNotTaken(transaction, fault, reply);
        }
        catch (Exception failure)
        {
            // What the policy could not note changes nothing about the answer.
            Fault(failure);
        }
    }

    public SmtpReply Fault(Exception fault)
    {
        // The server stops and has told the policy to stop too: no defect.
        if (fault is OperationCanceledException && server.ForcedStop.IsCancellationRequested)
        {
            return server.Replies.Stopping;
        }

        LogFault(server.Logger, connectionId, fault);
        return SessionReplies.Fault(connectionId);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Mail policy failed on connection {Connection}; answered with a temporary refusal")]
    private static partial void LogFault(ILogger logger, string connection, Exception fault);
}
