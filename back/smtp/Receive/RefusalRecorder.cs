using Microsoft.Extensions.Logging;
using Smtpy.Core.Accounts;
using Smtpy.Core.Aliases;
using Smtpy.Core.Storage;
using Smtpy.Core.Storage.Model;
using Smtpy.Mail.Server;
using Smtpy.Smtp.Judge;
using Smtpy.Smtp.Plan;

namespace Smtpy.Smtp.Receive;

/// <summary>
/// Puts down for an alias's owner that mail was refused. Nobody waits for it and it is bounded: whoever makes this server refuse must
/// not be able to fill its disk.
/// </summary>
public sealed class RefusalRecorder(IMessageStore store, ReceiveOptions options, TimeProvider time, ILogger<RefusalRecorder> logger)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, int> _recorded = [];
    private long _minute;
    private int _all;

    /// <summary>A message. Never fails: the refusal itself stands whether it is put down or not.</summary>
    public ValueTask RecordAsync(IncomingMessage message, Judgement judgement, RecipientRefusal refusal)
    {
        ArgumentNullException.ThrowIfNull(message);
        ArgumentNullException.ThrowIfNull(judgement);
        ArgumentNullException.ThrowIfNull(refusal);
        Record(message.Transaction, refusal.Recipient, refusal.Route, refusal.Refusal.Reply, judgement);
        return ValueTask.CompletedTask;
    }

    /// <summary>A recipient, before there is a message.</summary>
    public void Record(SmtpTransaction transaction, SmtpRecipient recipient, AliasLookup route, SmtpReply reply) =>
        Record(transaction, recipient, route, reply, Judgement.None);

    /// <summary>What an owner's own mail program wanted to send: under the alias that it was to be sent as.</summary>
    public void Record(SmtpTransaction transaction, Submitter submitter, SmtpReply reply) =>
        Record(transaction, submitter.AccountId, transaction.Sender.IsNull ? submitter.UserName : transaction.Sender.Address, reply, Judgement.None);

    // An owner looks for what the alias missed, and knows reverse addresses by it alone.
    private void Record(SmtpTransaction transaction, SmtpRecipient recipient, AliasLookup route, SmtpReply reply, Judgement judgement) =>
        Record(transaction, route.AccountId, route.Reverse?.AliasAddress ?? recipient.Address, reply, judgement);

    private void Record(SmtpTransaction transaction, Guid? owner, string alias, SmtpReply reply, Judgement judgement)
    {
        // Who is told to come again will, and then it is decided.
        if (owner is not { } account || reply.IsTransient || !MayRecord(account))
        {
            return;
        }

        _ = StoreAsync(new RefusalRow
        {
            Id = Guid.CreateVersion7(time.GetUtcNow()),
            At = time.GetUtcNow(),
            AccountId = owner,
            AliasAddress = alias,
            Sender = transaction.Sender.Address,
            HeaderFrom = judgement.From,
            ClientAddress = transaction.Peer.RemoteEndPoint.Address.ToString(),
            Helo = transaction.Peer.Helo,
            Reply = reply.ToString(),
            Judgement = ReferenceEquals(judgement, Judgement.None) ? null : judgement.ToJson(),
        });
    }

    /// <summary>Who is attacked must not hide what others missed.</summary>
    private bool MayRecord(Guid account)
    {
        var minute = time.GetUtcNow().ToUnixTimeSeconds() / 60;
        lock (_gate)
        {
            if (minute != _minute)
            {
                (_minute, _all) = (minute, 0);
                _recorded.Clear();
            }

            var own = _recorded.GetValueOrDefault(account);
            if (_all >= options.MaxRefusalsPerMinute || own >= options.MaxRefusalsPerAccountAndMinute)
            {
                return false;
            }

            _all++;
            _recorded[account] = own + 1;
            return true;
        }
    }

    private async Task StoreAsync(RefusalRow row)
    {
        try
        {
            await store.RecordRefusalAsync(row, CancellationToken.None);
        }
        catch (StorageException failure)
        {
            ReceiveLog.RefusalNotRecorded(logger, row.AliasAddress, failure.Message);
        }
    }
}
