using System.Globalization;
using Microsoft.AspNetCore.Http;
using Smtpy.Core;

namespace Smtpy.Api.Http;

/// <summary>
/// Reads the query of a list as addy.io does. Empty values count as absent (its browser extension sends all keys each time), and
/// what follows "]" in a key is dropped, as PHP does: its Android app sends "filter[active]=" as the key. The first value that is
/// wrong is the answer.
/// </summary>
internal sealed class QueryReader
{
    public const int MostOnPage = 100;
    private const int LongestText = 320;

    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    public QueryReader(IQueryCollection query)
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

    /// <summary>Null while nothing was wrong.</summary>
    public Problem? Problem { get; private set; }

    public int Page => Number("page[number]", 1, int.MaxValue);

    public int PageSize => Number("page[size]", MostOnPage, MostOnPage);

    public string? Text(string key) => _values.GetValueOrDefault(key);

    /// <summary>An address or the like: short, and storable as text.</summary>
    public string? Word(string key)
    {
        if (Text(key) is not { } text)
        {
            return null;
        }

        if (text.Length > LongestText || text.Any(char.IsControl) || text.Any(char.IsSurrogate))
        {
            Wrong(key, $"It must be text of {LongestText} characters at most.");
        }

        return text;
    }

    /// <summary>A member of an enumeration, in snake case.</summary>
    public T? Choice<T>(string key)
        where T : struct, Enum
    {
        if (Text(key) is not { } text)
        {
            return null;
        }

        if (Words.Parse<T>(text) is not { } choice)
        {
            Wrong(key, $"It must be one of: {string.Join(", ", Words.All<T>())}.");
            return null;
        }

        return choice;
    }

    public bool? Bool(string key)
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

    public Guid? Id(string key)
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

    /// <summary>"YYYY-MM-DD" or "YYYY-MM-DD HH:MM:SS", UTC.</summary>
    public DateTimeOffset? Moment(string key)
    {
        if (Text(key) is not { } text)
        {
            return null;
        }

        if (!DateTimeOffset.TryParseExact(
            text, ["yyyy-MM-dd", "yyyy-MM-dd HH:mm:ss"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment))
        {
            Wrong(key, "It must be a time such as 2026-03-14 or 2026-03-14 09:00:00, UTC.");
        }

        return moment;
    }

    public int Number(string key, int fallback, int most)
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

    public void Wrong(string field, string message) => Problem ??= Problem.Invalid(message, field);
}
