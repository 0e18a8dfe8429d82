using System.Net;
using Smtpy.Core.Aliases;
using Smtpy.Mail.Authentication;
using Smtpy.Mail.Server;
using Smtpy.Smtp.Filter;
using Smtpy.Smtp.Receive;

namespace Smtpy.Smtp.Judge;

/// <summary>
/// Asks SPF, DKIM, DMARC and ARC, and the spam filter beside them. What signed-in clients submit is not judged, and neither is what
/// belongs to nobody: our own self-test must not wait for DNS.
/// </summary>
/// <param name="judgesLocalClients">False: mail from this machine itself is not judged either.</param>
public sealed class MessageJudge(Authenticator authenticator, JudgementWriter writer, ISpamFilter filter, bool judgesLocalClients) : IMessageJudge
{
    public void Begin(SmtpTransaction transaction)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        var state = TransactionState.Of(transaction);
        if (IsStranger(transaction.Peer) && state.Check is null)
        {
            state.Check = authenticator.Begin();
            _ = state.Check.CheckSpfAsync(TransactionState.Spf(transaction));
        }
    }

    public async ValueTask<Judgement> JudgeAsync(IncomingMessage message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        var state = TransactionState.Of(message.Transaction);
        if (!IsStranger(message.Peer) || !IsSomebodys(message.Transaction))
        {
            state.Check?.Dispose();
            return Judgement.None;
        }

        using var check = state.Check ?? authenticator.Begin();
        var filtering = filter.AskAsync(message, cancellationToken);
        var seen = message.Inspection;
        var found = await check.RunAsync(
            TransactionState.Spf(message.Transaction), seen.Author, seen.Signatures, seen.Chain, seen.Body, cancellationToken);
        return writer.Write(found, message.Sender) with { Spam = await filtering };
    }

    private bool IsStranger(SmtpPeer peer) =>
        peer.Identity is null && (judgesLocalClients || !IPAddress.IsLoopback(peer.RemoteEndPoint.Address));

    private static bool IsSomebodys(SmtpTransaction transaction)
    {
        foreach (var recipient in transaction.Recipients)
        {
            if (recipient.PolicyState is AliasLookup { AccountId: not null })
            {
                return true;
            }
        }

        return false;
    }
}
