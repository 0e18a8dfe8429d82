using Microsoft.AspNetCore.Http;
using Smtpy.Api.Http;
using Smtpy.Core;
using Smtpy.Core.Aliases;

namespace Smtpy.Api.Aliases;

/// <summary>Reads addy.io's query of the alias list.</summary>
internal static class AliasListQuery
{
    public const int ShortestSearch = 3;
    public const int LongestSearch = 50;

    private static readonly Dictionary<string, AliasOrder> Orders = new(StringComparer.Ordinal)
    {
        ["local_part"] = AliasOrder.LocalPart,
        ["domain"] = AliasOrder.Domain,
        ["email"] = AliasOrder.Address,
        ["active"] = AliasOrder.Enabled,
        ["created_at"] = AliasOrder.CreatedAt,
        ["updated_at"] = AliasOrder.UpdatedAt,
        ["deleted_at"] = AliasOrder.DeletedAt,

        // Nothing is counted yet: all are equal, so the order is that of creation.
        ["emails_forwarded"] = AliasOrder.CreatedAt,
        ["emails_blocked"] = AliasOrder.CreatedAt,
        ["emails_replied"] = AliasOrder.CreatedAt,
        ["emails_sent"] = AliasOrder.CreatedAt,
        ["last_forwarded"] = AliasOrder.CreatedAt,
        ["last_blocked"] = AliasOrder.CreatedAt,
        ["last_replied"] = AliasOrder.CreatedAt,
        ["last_sent"] = AliasOrder.CreatedAt,
        ["last_used"] = AliasOrder.CreatedAt,
    };

    public static Outcome<AliasQuery> Read(IQueryCollection query)
    {
        var reader = new QueryReader(query);
        var read = Read(reader);
        return reader.Problem is { } problem ? problem : read;
    }

    private static AliasQuery Read(QueryReader query)
    {
        var sort = query.Text("sort") ?? "-created_at";
        var descending = sort.StartsWith('-');
        if (!Orders.TryGetValue(descending ? sort[1..] : sort, out var order))
        {
            query.Wrong("sort", "The sort is none of: " + string.Join(", ", Orders.Keys) + ".");
        }

        // Nobody here has usernames, so an alias of one is an alias of a domain that does not exist.
        return new AliasQuery(
            Deleted(query), query.Bool("filter[active]"), query.Bool("filter[pinned]"), Search(query), query.Id("recipient"),
            query.Text("username") is null ? query.Id("domain") : Guid.Empty, order, descending,
            query.Page, query.PageSize);
    }

    private static DeletedFilter Deleted(QueryReader query)
    {
        switch (query.Text("filter[deleted]") ?? query.Text("deleted"))
        {
            case null or "without":
                return DeletedFilter.Without;
            case "with":
                return DeletedFilter.With;
            case "only":
                return DeletedFilter.Only;
            default:
                query.Wrong("filter.deleted", "The filter deleted is none of: with, without, only.");
                return DeletedFilter.Without;
        }
    }

    private static string? Search(QueryReader query)
    {
        var text = query.Text("filter[search]");
        if (text is { Length: < ShortestSearch or > LongestSearch })
        {
            query.Wrong("filter.search", $"The search needs {ShortestSearch} to {LongestSearch} characters.");
        }
        else if (text is not null && text.Any(char.IsControl))
        {
            query.Wrong("filter.search", "The search holds characters that are no text.");
        }

        return text;
    }
}
