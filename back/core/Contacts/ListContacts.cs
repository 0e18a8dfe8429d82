using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Contacts;

/// <summary>Lists contacts, the newest first.</summary>
public sealed class ListContacts(IDbContextFactory<SmtpyContext> contexts)
{
    /// <param name="accountId">Only this account's; null for the operator, who sees all.</param>
    public async Task<Page<Contact>> RunAsync(Guid? accountId, ContactQuery query, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var contacts = context.Contacts.AsNoTracking();
        contacts = accountId is null ? contacts : contacts.Where(c => c.AccountId == accountId);
        contacts = query.Blocked is { } blocked ? contacts.Where(c => c.Blocked == blocked) : contacts;
        contacts = query.AliasId is { } id ? contacts.Where(c => context.Aliases.Any(a => a.Id == id && a.Address == c.AliasAddress)) : contacts;
        contacts = query.AliasAddress?.ToLowerInvariant() is { } alias ? contacts.Where(c => c.AliasAddress == alias) : contacts;
        return await contacts.OrderByDescending(c => c.CreatedAt).ThenBy(c => c.Address).ThenBy(c => c.AliasAddress)
            .PageAsync(query.Page, query.PageSize, cancellationToken);
    }

    public async Task<Outcome<Contact>> FindAsync(ContactSelector selector, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await selector.FindAsync(context, cancellationToken) is { } contact ? contact : selector.Missing();
    }
}

/// <param name="Page">1, 2, …</param>
public sealed record ContactQuery(Guid? AliasId = null, string? AliasAddress = null, bool? Blocked = null, int Page = 1, int PageSize = 100);
