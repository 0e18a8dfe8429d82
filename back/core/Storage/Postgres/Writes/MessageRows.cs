using Npgsql;
using NpgsqlTypes;

namespace Smtpy.Core.Storage.Postgres.Writes;

/// <summary>Rows for messages.</summary>
internal sealed class MessageRows
{
    private const string Insert =
        """
        INSERT INTO messages (id, received_at, sender, client_address, helo, protocol, size, part_count, header_from,
            header_message_id, judgement, tls, tls_demand, origin)
        SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
        """;

    private readonly Column<long> _id = new(NpgsqlDbType.Bigint);
    private readonly Column<long> _receivedAt = new(NpgsqlDbType.Bigint);
    private readonly Column<string> _sender = new(NpgsqlDbType.Text);
    private readonly Column<string> _clientAddress = new(NpgsqlDbType.Text);
    private readonly Column<string> _helo = new(NpgsqlDbType.Text);
    private readonly Column<string> _protocol = new(NpgsqlDbType.Text);
    private readonly Column<long> _size = new(NpgsqlDbType.Bigint);
    private readonly Column<int> _partCount = new(NpgsqlDbType.Integer);
    private readonly Column<string?> _headerFrom = new(NpgsqlDbType.Text);
    private readonly Column<string?> _headerMessageId = new(NpgsqlDbType.Text);
    private readonly Column<string?> _judgement = new(NpgsqlDbType.Text);
    private readonly Column<string?> _tls = new(NpgsqlDbType.Text);
    private readonly Column<int> _tlsDemand = new(NpgsqlDbType.Integer);
    private readonly Column<int> _origin = new(NpgsqlDbType.Integer);

    public bool IsEmpty => _id.Count == 0;

    public void Add(NewMessage message)
    {
        _id.Add(message.Id);
        _receivedAt.Add(message.ReceivedAt.ToUnixTimeMilliseconds());
        _sender.Add(StorableText.Of(message.Sender));
        _clientAddress.Add(message.ClientAddress);
        _helo.Add(StorableText.Of(message.Helo));
        _protocol.Add(message.Protocol);
        _size.Add(message.Size);
        _partCount.Add(message.LastPartNumber + 1);
        _headerFrom.Add(StorableText.OrNull(message.HeaderFrom));
        _headerMessageId.Add(StorableText.OrNull(message.HeaderMessageId));
        _judgement.Add(StorableText.OrNull(message.Judgement));
        _tls.Add(message.Tls);
        _tlsDemand.Add((int)message.TlsDemand);
        _origin.Add((int)message.Origin);
    }

    public void Clear()
    {
        _id.Clear();
        _receivedAt.Clear();
        _sender.Clear();
        _clientAddress.Clear();
        _helo.Clear();
        _protocol.Clear();
        _size.Clear();
        _partCount.Clear();
        _headerFrom.Clear();
        _headerMessageId.Clear();
        _judgement.Clear();
        _tls.Clear();
        _tlsDemand.Clear();
        _origin.Clear();
    }

    public void AppendTo(NpgsqlBatch batch)
    {
        if (IsEmpty)
        {
            return;
        }

        batch.BatchCommands.Add(new NpgsqlBatchCommand(Insert)
        {
            Parameters =
            {
                _id.Parameter, _receivedAt.Parameter, _sender.Parameter, _clientAddress.Parameter, _helo.Parameter, _protocol.Parameter,
                _size.Parameter, _partCount.Parameter, _headerFrom.Parameter, _headerMessageId.Parameter, _judgement.Parameter,
                _tls.Parameter, _tlsDemand.Parameter, _origin.Parameter,
            },
        });
    }
}
