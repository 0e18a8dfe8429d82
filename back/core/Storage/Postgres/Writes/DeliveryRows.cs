using Npgsql;
using NpgsqlTypes;

namespace Smtpy.Core.Storage.Postgres.Writes;

/// <summary>Rows for new deliveries.</summary>
internal sealed class DeliveryRows
{
    /// <summary>
    /// A lease that others have ended meanwhile holds nothing: then the delivery is free, else nobody would ever take it up. The
    /// lease cannot end between this and the commit (<see cref="AdvisoryLocks.Lease"/>).
    /// </summary>
    private const string Insert =
        """
        INSERT INTO deliveries (message_id, ordinal, account_id, alias_id, alias_address, recipient, state, attempts,
            next_attempt_at, lease, finished_at, kind, reason)
        SELECT message_id, ordinal, account_id, alias_id, alias_address, recipient, state, 0, next_attempt_at,
            CASE WHEN leased THEN (SELECT id FROM leases WHERE id = $13) END, finished_at, kind, reason
        FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            AS d (message_id, ordinal, account_id, alias_id, alias_address, recipient, state, next_attempt_at, leased, finished_at, kind,
                reason)
        """;

    private readonly Column<long> _messageId = new(NpgsqlDbType.Bigint);
    private readonly Column<int> _ordinal = new(NpgsqlDbType.Integer);
    private readonly Column<Guid?> _accountId = new(NpgsqlDbType.Uuid);
    private readonly Column<Guid?> _aliasId = new(NpgsqlDbType.Uuid);
    private readonly Column<string> _aliasAddress = new(NpgsqlDbType.Text);
    private readonly Column<string> _recipient = new(NpgsqlDbType.Text);
    private readonly Column<int> _state = new(NpgsqlDbType.Integer);
    private readonly Column<long?> _nextAttemptAt = new(NpgsqlDbType.Bigint);
    private readonly Column<bool> _leased = new(NpgsqlDbType.Boolean);
    private readonly Column<long?> _finishedAt = new(NpgsqlDbType.Bigint);
    private readonly Column<int> _kind = new(NpgsqlDbType.Integer);
    private readonly Column<string?> _reason = new(NpgsqlDbType.Text);

    public void Add(NewMessage message, NewDelivery delivery)
    {
        var queued = delivery.State is DeliveryState.Queued;
        var received = message.ReceivedAt.ToUnixTimeMilliseconds();
        _messageId.Add(message.Id);
        _ordinal.Add(delivery.Ordinal);
        _accountId.Add(delivery.AccountId);
        _aliasId.Add(delivery.AliasId);
        _aliasAddress.Add(StorableText.Of(delivery.AliasAddress));
        _recipient.Add(StorableText.Of(delivery.Recipient));
        _state.Add((int)delivery.State);
        _nextAttemptAt.Add(queued ? received : null);
        _leased.Add(queued && delivery.Leased);
        _finishedAt.Add(delivery.State is DeliveryState.Discarded ? received : null);
        _kind.Add((int)delivery.Kind);
        _reason.Add(StorableText.OrNull(delivery.Reason));
    }

    public void Clear()
    {
        _messageId.Clear();
        _ordinal.Clear();
        _accountId.Clear();
        _aliasId.Clear();
        _aliasAddress.Clear();
        _recipient.Clear();
        _state.Clear();
        _nextAttemptAt.Clear();
        _leased.Clear();
        _finishedAt.Clear();
        _kind.Clear();
        _reason.Clear();
    }

    public void AppendTo(NpgsqlBatch batch, long lease)
    {
        if (_messageId.Count == 0)
        {
            return;
        }

        batch.BatchCommands.Add(new NpgsqlBatchCommand(Insert)
        {
            Parameters =
            {
                _messageId.Parameter, _ordinal.Parameter, _accountId.Parameter, _aliasId.Parameter, _aliasAddress.Parameter,
                _recipient.Parameter, _state.Parameter, _nextAttemptAt.Parameter, _leased.Parameter, _finishedAt.Parameter,
                _kind.Parameter, _reason.Parameter,
                new NpgsqlParameter<long> { TypedValue = lease },
            },
        });
    }
}
