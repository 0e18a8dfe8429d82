using Smtpy.Core.Storage.Model;

namespace Smtpy.Core.Storage.Sqlite.Operations;

/// <summary>Mail that was not taken.</summary>
internal sealed class RecordRefusal(RefusalRow refusal) : WriteOperation<bool>
{
    private const string Insert =
        """
        INSERT INTO refusals (id, at, account_id, alias_address, sender, header_from, client_address, helo, reply, judgement)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
        """;

    public override bool CanWait => true;

    protected override bool Write(SqliteWriteConnection connection)
    {
        connection[Insert]
            .Bind(1, (Guid?)refusal.Id).Bind(2, refusal.At).Bind(3, refusal.AccountId).Bind(4, refusal.AliasAddress).Bind(5, refusal.Sender)
            .Bind(6, refusal.HeaderFrom).Bind(7, refusal.ClientAddress).Bind(8, refusal.Helo).Bind(9, refusal.Reply)
            .Bind(10, refusal.Judgement)
            .Run();
        return true;
    }
}
