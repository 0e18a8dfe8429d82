using Npgsql;
using NpgsqlTypes;
using Smtpy.Core.Storage.Model;

namespace Smtpy.Core.Storage.Postgres.Writes;

/// <summary>Rows for mail that was not taken.</summary>
internal sealed class RefusalRows
{
    private const string Insert =
        """
        INSERT INTO refusals (id, at, account_id, alias_address, sender, header_from, client_address, helo, reply, judgement)
        SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        """;

    private readonly Column<Guid> _id = new(NpgsqlDbType.Uuid);
    private readonly Column<long> _at = new(NpgsqlDbType.Bigint);
    private readonly Column<Guid?> _accountId = new(NpgsqlDbType.Uuid);
    private readonly Column<string> _aliasAddress = new(NpgsqlDbType.Text);
    private readonly Column<string> _sender = new(NpgsqlDbType.Text);
    private readonly Column<string?> _headerFrom = new(NpgsqlDbType.Text);
    private readonly Column<string> _clientAddress = new(NpgsqlDbType.Text);
    private readonly Column<string> _helo = new(NpgsqlDbType.Text);
    private readonly Column<string> _reply = new(NpgsqlDbType.Text);
    private readonly Column<string?> _judgement = new(NpgsqlDbType.Text);

    public void Add(RefusalRow refusal)
    {
        _id.Add(refusal.Id);
        _at.Add(refusal.At.ToUnixTimeMilliseconds());
        _accountId.Add(refusal.AccountId);
        _aliasAddress.Add(StorableText.Of(refusal.AliasAddress));
        _sender.Add(StorableText.Of(refusal.Sender));
        _headerFrom.Add(StorableText.OrNull(refusal.HeaderFrom));
        _clientAddress.Add(refusal.ClientAddress);
        _helo.Add(StorableText.Of(refusal.Helo));
        _reply.Add(StorableText.Of(refusal.Reply));
        _judgement.Add(StorableText.OrNull(refusal.Judgement));
    }

    public void Clear()
    {
        _id.Clear();
        _at.Clear();
        _accountId.Clear();
        _aliasAddress.Clear();
        _sender.Clear();
        _headerFrom.Clear();
        _clientAddress.Clear();
        _helo.Clear();
        _reply.Clear();
        _judgement.Clear();
    }

    public void AppendTo(NpgsqlBatch batch)
    {
        if (_id.Count == 0)
        {
            return;
        }

        batch.BatchCommands.Add(new NpgsqlBatchCommand(Insert)
        {
            Parameters =
            {
                _id.Parameter, _at.Parameter, _accountId.Parameter, _aliasAddress.Parameter, _sender.Parameter, _headerFrom.Parameter,
                _clientAddress.Parameter, _helo.Parameter, _reply.Parameter, _judgement.Parameter,
            },
        });
    }
}
