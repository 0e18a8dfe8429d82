using Smtpy.Core;
using Smtpy.Core.Aliases;

namespace Smtpy.Api.Aliases;

/// <summary>The changes that can be made to several aliases, by addy.io's names.</summary>
internal sealed class AliasBulkChanges(
    SetAliasEnabled enable, EditAlias edit, DeleteAlias delete, RestoreAlias restore, ForgetAlias forget, SetAliasRecipients recipients)
{
    public Task<Outcome<Alias>> RunAsync(string change, AliasSelector alias, IReadOnlyList<Guid> wanted, CancellationToken cancellationToken) =>
        change switch
        {
            "activate" => enable.RunAsync(alias, true, null, cancellationToken),
            "deactivate" => enable.RunAsync(alias, false, null, cancellationToken),
            "pin" => edit.RunAsync(alias, new AliasEdit(Pinned: true), cancellationToken),
            "unpin" => edit.RunAsync(alias, new AliasEdit(Pinned: false), cancellationToken),
            "delete" => delete.RunAsync(alias, cancellationToken),
            "restore" => restore.RunAsync(alias, cancellationToken),
            "forget" => forget.RunAsync(alias, cancellationToken),
            "recipients" => recipients.RunAsync(alias, wanted, cancellationToken),
            _ => throw new ArgumentOutOfRangeException(nameof(change), change, "is no bulk change"),
        };
}
