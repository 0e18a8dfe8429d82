using Smtpy.Core.Aliases;
using Smtpy.Mail.Server;
using Smtpy.Smtp.Filter;
using Smtpy.Smtp.Judge;

namespace Smtpy.Smtp.Receive;

/// <summary>
/// The last stage before a recipient is taken: block lists and greylisting. Stands behind the alias lookup, so that nobody can make this
/// server ask DNS without knowing an address. Signed-in clients pass.
/// </summary>
public sealed class RecipientGate(IMessageJudge judge, BlockLists lists, Greylist greylist)
{
    /// <returns>Null lets the recipient in.</returns>
    /// <exception cref="Core.Storage.StorageException">The database cannot be read.</exception>
    public ValueTask<GateRefusal?> CheckAsync(SmtpTransaction transaction, AliasLookup route, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        ArgumentNullException.ThrowIfNull(route);
        if (transaction.Peer.Identity is not null)
        {
            return ValueTask.FromResult<GateRefusal?>(null);
        }

        judge.Begin(transaction);

        // Where abuse is reported, everybody is heard (RFC 5321 section 4.5.1).
        return RoleAddresses.Includes(route.Address) ? ValueTask.FromResult<GateRefusal?>(null) : AskAsync(transaction, route, cancellationToken);
    }

    private async ValueTask<GateRefusal?> AskAsync(SmtpTransaction transaction, AliasLookup route, CancellationToken cancellationToken)
    {
        var state = TransactionState.Of(transaction);
        var client = transaction.Peer.RemoteEndPoint.Address;
        state.Listed ??= lists.FindAsync(client, cancellationToken);
        if (await state.Listed is { } entry)
        {
            return new GateRefusal(Replies.Listed(client, entry), Refusal.Dnsbl);
        }

        // To a reverse address the alias's owner writes, from wherever their mailbox is.
        return route.Outcome != AliasOutcome.Reverse && await greylist.MustWaitAsync(transaction, route.Address, cancellationToken)
            ? new GateRefusal(Replies.Greylisted, Refusal.Greylisted)
            : null;
    }
}

public sealed record GateRefusal(SmtpReply Reply, Refusal Reason);
