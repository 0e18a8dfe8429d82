using Npgsql;
using NpgsqlTypes;
using Smtpy.Mail.Notices;

namespace Smtpy.Core.Storage.Postgres.Writes;

/// <summary>Rows for what senders asked about notifications.</summary>
internal sealed class DsnRequestRows
{
    private const string Insert =
        """
        INSERT INTO dsn_requests (message_id, ordinal, notify, original_recipient, envelope_id, return_full)
        SELECT * FROM unnest($1, $2, $3, $4, $5, $6)
        """;

    private readonly Column<long> _messageId = new(NpgsqlDbType.Bigint);
    private readonly Column<int> _ordinal = new(NpgsqlDbType.Integer);
    private readonly Column<int> _notify = new(NpgsqlDbType.Integer);
    private readonly Column<string?> _originalRecipient = new(NpgsqlDbType.Text);
    private readonly Column<string?> _envelopeId = new(NpgsqlDbType.Text);
    private readonly Column<bool> _returnFull = new(NpgsqlDbType.Boolean);

    public void Add(long messageId, int ordinal, DsnRequest request)
    {
        _messageId.Add(messageId);
        _ordinal.Add(ordinal);
        _notify.Add((int)request.Notify);
        _originalRecipient.Add(StorableText.OrNull(request.OriginalRecipient));
        _envelopeId.Add(StorableText.OrNull(request.EnvelopeId));
        _returnFull.Add(request.ReturnFull);
    }

    public void Clear()
    {
        _messageId.Clear();
        _ordinal.Clear();
        _notify.Clear();
        _originalRecipient.Clear();
        _envelopeId.Clear();
        _returnFull.Clear();
    }

    public void AppendTo(NpgsqlBatch batch)
    {
        if (_messageId.Count == 0)
        {
            return;
        }

        batch.BatchCommands.Add(new NpgsqlBatchCommand(Insert)
        {
            Parameters =
            {
                _messageId.Parameter, _ordinal.Parameter, _notify.Parameter, _originalRecipient.Parameter, _envelopeId.Parameter,
                _returnFull.Parameter,
            },
        });
    }
}
