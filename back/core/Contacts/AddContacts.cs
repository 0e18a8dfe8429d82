using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Storage;
using Smtpy.Core.Storage.Postgres;

namespace Smtpy.Core.Contacts;

/// <summary>
/// Stores contacts that were met after their message was stored. Nobody is changed: whoever is a contact of the alias already stays as
/// they are, with the reverse address they have.
/// </summary>
/// <remarks>In plain SQL: a conflict is nothing to fail for, and no cached answer rests on who was no contact.</remarks>
public sealed class AddContacts(IDbContextFactory<SmtpyContext> contexts)
{
    /// <summary>An account that went away meanwhile is no failure either: there is nobody left who could reply.</summary>
    private const string Insert =
        """
        INSERT INTO contacts (id, account_id, alias_address, address, display_name, reverse_address, blocked, created_at)
        SELECT @id, a.id, @alias, @address, @name, @reverse, FALSE, @created FROM accounts a WHERE a.id = @account
        ON CONFLICT DO NOTHING
        """;

    /// <exception cref="StorageException">The database cannot be written.</exception>
    public async Task RunAsync(IReadOnlyList<Contact> contacts, CancellationToken cancellationToken)
    {
        try
        {
            await using var context = await contexts.CreateDbContextAsync(cancellationToken);
            await context.Database.OpenConnectionAsync(cancellationToken);
            foreach (var contact in contacts)
            {
                await using var command = context.Database.GetDbConnection().CreateCommand();
                command.CommandText = Insert;
                command.AddGuid("@id", contact.Id).AddGuid("@account", contact.AccountId)
                    .AddText("@alias", StorableText.Of(contact.AliasAddress)).AddText("@address", StorableText.Of(contact.Address))
                    .AddText("@name", StorableText.Of(contact.DisplayName)).AddText("@reverse", contact.ReverseAddress)
                    .AddNumber("@created", contact.CreatedAt.ToUnixTimeMilliseconds());
                await command.ExecuteNonQueryAsync(cancellationToken);
            }
        }
        catch (DbException failure)
        {
            throw new StorageException($"Contacts cannot be stored: {failure.Message}", failure);
        }
    }
}
