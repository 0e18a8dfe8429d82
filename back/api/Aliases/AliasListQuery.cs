using System.Globalization;
using Microsoft.AspNetCore.Http;
using Smtpy.Core;
using Smtpy.Core.Aliases;

namespace Smtpy.Api.Aliases;

/// <summary>
/// Reads addy.io's query of the alias list. Empty values count as absent (its browser extension sends all keys each time), and
/// what follows "]" in a key is dropped, as PHP does: its Android app sends "filter[active]=" as the key.
/// </summary>
internal sealed class AliasListQuery
{
    public const int ShortestSearch = 3;
    public const int LongestSearch = 50;
    public const int MostOnPage = 100;

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

    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);
    private Problem? _problem;

    private AliasListQuery(IQueryCollection query)
    {
        foreach (var (key, values) in query)
        {
            var end = key.LastIndexOf(']');
            if (values.ToString() is { Length: > 0 } value)
            {
                _values[end < 0 ? key : key[..(end + 1)]] = value;
            }
        }
    }

    public static Outcome<AliasQuery> Read(IQueryCollection query)
    {
        var reader = new AliasListQuery(query);
        var read = reader.Read();
        return reader._problem is { } problem ? problem : read;
    }

    private AliasQuery Read()
    {
        var sort = Text("sort") ?? "-created_at";
        var descending = sort.StartsWith('-');
        if (!Orders.TryGetValue(descending ? sort[1..] : sort, out var order))
        {
            Wrong("sort", "The sort is none of: " + string.Join(", ", Orders.Keys) + ".");
        }

        // Nobody here has usernames, so an alias of one is an alias of a domain that does not exist.
        return new AliasQuery(
            Deleted(), Bool("filter[active]"), Bool("filter[pinned]"), Search(), Id("recipient"),
            Text("username") is null ? Id("domain") : Guid.Empty, order, descending,
            Number("page[number]", 1, int.MaxValue), Number("page[size]", MostOnPage, MostOnPage));
    }

    private string? Text(string key) => _values.GetValueOrDefault(key);

    private DeletedFilter Deleted()
    {
        switch (Text("filter[deleted]") ?? Text("deleted"))
        {
            case null or "without":
                return DeletedFilter.Without;
            case "with":
                return DeletedFilter.With;
            case "only":
                return DeletedFilter.Only;
            default:
                Wrong("filter.deleted", "The filter deleted is none of: with, without, only.");
                return DeletedFilter.Without;
        }
    }

    private string? Search()
    {
        var text = Text("filter[search]");
        if (text is { Length: < ShortestSearch or > LongestSearch })
        {
            Wrong("filter.search", $"The search needs {ShortestSearch} to {LongestSearch} characters.");
        }
        else if (text is not null && text.Any(char.IsControl))
        {
            Wrong("filter.search", "The search holds characters that are no text.");
        }

        return text;
    }

    private bool? Bool(string key)
    {
        switch (Text(key))
        {
            case null:
                return null;
            case "true" or "1":
                return true;
            case "false" or "0":
                return false;
            default:
                Wrong(key, "It must be true or false.");
                return null;
        }
    }

    private Guid? Id(string key)
    {
        if (Text(key) is not { } text)
        {
            return null;
        }

        if (!Guid.TryParse(text, out var id))
        {
            Wrong(key, $"The {key} must be a UUID.");
        }

        return id;
    }

    private int Number(string key, int fallback, int most)
    {
        if (Text(key) is not { } text)
        {
            return fallback;
        }

        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number < 1 || number > most)
        {
            Wrong(key, $"It must be a whole number from 1 to {most}.");
            return fallback;
        }

        return number;
    }

    private void Wrong(string field, string message) => _problem ??= Problem.Invalid(message, field);
}
