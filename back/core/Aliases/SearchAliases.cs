using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Aliases;

/// <summary>An account's aliases, page by page; pinned ones first.</summary>
public sealed class SearchAliases(IDbContextFactory<SmtpyContext> contexts)
{
    public async Task<Page<Alias>> RunAsync(Guid accountId, AliasQuery query, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var found = Filter(context.Aliases.AsNoTracking().Where(a => a.AccountId == accountId), query);
        var total = await found.CountAsync(cancellationToken);

        // A page number times a page size may be more than an int holds; nothing is there.
        var skip = (long)(query.Page - 1) * query.PageSize;
        var items = skip >= total
            ? []
            : await Order(found, query).Skip((int)skip).Take(query.PageSize)
                .Include(a => a.Recipients.OrderBy(r => r.Email)).Include(a => a.Domain).ToListAsync(cancellationToken);
        return new Page<Alias>(items, query.Page, query.PageSize, total);
    }

    private static IQueryable<Alias> Filter(IQueryable<Alias> aliases, AliasQuery query)
    {
        aliases = query.Deleted switch
        {
            DeletedFilter.Without => aliases.Where(a => a.DeletedAt == null),
            DeletedFilter.Only => aliases.Where(a => a.DeletedAt != null),
            _ => aliases,
        };
        aliases = query.Enabled is { } enabled ? aliases.Where(a => a.Enabled == enabled) : aliases;
        aliases = query.Pinned is { } pinned ? aliases.Where(a => a.Pinned == pinned) : aliases;
        aliases = query.DomainId is { } domain ? aliases.Where(a => a.DomainId == domain) : aliases;
        aliases = query.RecipientId is { } recipient ? aliases.Where(a => a.Recipients.Any(r => r.Id == recipient)) : aliases;
        if (query.Text is { } text)
        {
            var lower = text.ToLowerInvariant();
#pragma warning disable RS0030, CA1862 // In a query this is SQL's lower(), which has no culture.
            aliases = aliases.Where(a => a.Address.Contains(lower) || a.Description.ToLower().Contains(lower));
#pragma warning restore RS0030, CA1862
        }

        return aliases;
    }

    private static IQueryable<Alias> Order(IQueryable<Alias> aliases, AliasQuery query)
    {
        var pinned = aliases.OrderByDescending(a => a.Pinned);
        return (query.Sort switch
        {
            AliasOrder.LocalPart => By(pinned, a => a.LocalPart, query.Descending),
            AliasOrder.Domain => By(pinned, a => a.Domain!.Name, query.Descending),
            AliasOrder.Address => By(pinned, a => a.Address, query.Descending),
            AliasOrder.Enabled => By(pinned, a => a.Enabled, query.Descending),
            AliasOrder.UpdatedAt => By(pinned, a => a.UpdatedAt, query.Descending),
            AliasOrder.DeletedAt => By(pinned, a => a.DeletedAt, query.Descending),
            _ => By(pinned, a => a.CreatedAt, query.Descending),
        }).ThenBy(a => a.Address);
    }

    private static IOrderedQueryable<Alias> By<T>(IOrderedQueryable<Alias> aliases, Expression<Func<Alias, T>> key, bool descending) =>
        descending ? aliases.ThenByDescending(key) : aliases.ThenBy(key);
}

/// <param name="Page">1, 2, …</param>
/// <param name="Text">Part of the address or the description, any case.</param>
public sealed record AliasQuery(
    DeletedFilter Deleted = DeletedFilter.Without, bool? Enabled = null, bool? Pinned = null, string? Text = null, Guid? RecipientId = null,
    Guid? DomainId = null, AliasOrder Sort = AliasOrder.CreatedAt, bool Descending = true, int Page = 1, int PageSize = 100);

public enum DeletedFilter
{
    Without,
    With,
    Only,
}

public enum AliasOrder
{
    CreatedAt,
    LocalPart,
    Domain,
    Address,
    Enabled,
    UpdatedAt,
    DeletedAt,
}
