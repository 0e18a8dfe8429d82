using Smtpy.Mail.Authentication;
using Smtpy.Mail.Server;
using Smtpy.Mail.Spf;
using Smtpy.Smtp.Filter;

namespace Smtpy.Smtp.Receive;

/// <summary>What was found out about a transaction before its message came.</summary>
public sealed class TransactionState
{
    /// <summary>Begun; null where the message will not be judged.</summary>
    public MessageCheck? Check { get; set; }

    /// <summary>The question whether the client is on a block list; null until it is asked.</summary>
    public Task<BlockListEntry?>? Listed { get; set; }

    public static TransactionState Of(SmtpTransaction transaction)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        return (TransactionState)(transaction.PolicyState ??= new TransactionState());
    }

    /// <summary>The real client decides, never a network range.</summary>
    public static SpfRequest Spf(SmtpTransaction transaction)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        return new SpfRequest(transaction.Peer.RemoteEndPoint.Address, transaction.Peer.Helo, transaction.Sender.Address);
    }
}
