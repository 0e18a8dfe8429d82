using Npgsql;
using NpgsqlTypes;
using Smtpy.Core.Contacts;

namespace Smtpy.Core.Storage.Postgres.Writes;

/// <summary>Rows for contacts that came with a message.</summary>
internal sealed class ContactRows
{
    /// <summary>
    /// Who comes second keeps the first one's: both are derived from the same addresses. In one order, since two batches that insert
    /// the same rows wait for each other.
    /// </summary>
    private const string Insert =
        """
        INSERT INTO contacts (id, account_id, alias_address, address, display_name, reverse_address, blocked, created_at)
        SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8)
            AS c (id, account_id, alias_address, address, display_name, reverse_address, blocked, created_at)
        ORDER BY alias_address, address
        ON CONFLICT DO NOTHING
        """;

    private readonly Column<Guid> _id = new(NpgsqlDbType.Uuid);
    private readonly Column<Guid> _accountId = new(NpgsqlDbType.Uuid);
    private readonly Column<string> _aliasAddress = new(NpgsqlDbType.Text);
    private readonly Column<string> _address = new(NpgsqlDbType.Text);
    private readonly Column<string> _displayName = new(NpgsqlDbType.Text);
    private readonly Column<string> _reverseAddress = new(NpgsqlDbType.Text);
    private readonly Column<bool> _blocked = new(NpgsqlDbType.Boolean);
    private readonly Column<long> _createdAt = new(NpgsqlDbType.Bigint);

    public void Add(Contact contact)
    {
        _id.Add(contact.Id);
        _accountId.Add(contact.AccountId);
        _aliasAddress.Add(StorableText.Of(contact.AliasAddress));
        _address.Add(StorableText.Of(contact.Address));
        _displayName.Add(StorableText.Of(contact.DisplayName));
        _reverseAddress.Add(contact.ReverseAddress);
        _blocked.Add(contact.Blocked);
        _createdAt.Add(contact.CreatedAt.ToUnixTimeMilliseconds());
    }

    public void Clear()
    {
        _id.Clear();
        _accountId.Clear();
        _aliasAddress.Clear();
        _address.Clear();
        _displayName.Clear();
        _reverseAddress.Clear();
        _blocked.Clear();
        _createdAt.Clear();
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
                _id.Parameter, _accountId.Parameter, _aliasAddress.Parameter, _address.Parameter, _displayName.Parameter,
                _reverseAddress.Parameter, _blocked.Parameter, _createdAt.Parameter,
            },
        });
    }
}
