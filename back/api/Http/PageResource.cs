using System.Globalization;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.WebUtilities;
using Smtpy.Core;

namespace Smtpy.Api.Http;

/// <summary>One page of a list, in the shape of Laravel's paginator, which addy.io's clients read.</summary>
public sealed record PageOf<T>(IReadOnlyList<T> Data, PageLinks Links, PageMeta Meta);

/// <param name="First">URL of the first page.</param>
/// <param name="Next">URL of the next page; null on the last.</param>
public sealed record PageLinks(string First, string Last, string? Prev, string? Next);

/// <param name="From">Number of the page's first item, from 1; null where the page is empty.</param>
/// <param name="Links">A row of buttons for the pages.</param>
/// <param name="Path">URL of the list without a query.</param>
/// <param name="To">Number of the page's last item; null where the page is empty.</param>
/// <param name="Total">Items on all pages.</param>
public sealed record PageMeta(
    int CurrentPage, int? From, int LastPage, IReadOnlyList<PageButton> Links, string Path, int PerPage, int? To, int Total);

/// <param name="Url">Null for a button that leads nowhere.</param>
public sealed record PageButton(string? Url, string Label, bool Active);

/// <summary>Makes pages and their links.</summary>
internal static class PageResource
{
    private const string PageKey = "page[number]";

    /// <summary>Pages on either side of the current one that get a button.</summary>
    private const int Near = 3;

    public static PageOf<TOut> Make<TIn, TOut>(HttpRequest request, Uri publicUrl, Page<TIn> page, Func<TIn, TOut> convert)
    {
        var path = publicUrl.GetLeftPart(UriPartial.Path).TrimEnd('/') + request.Path;
        var rest = request.Query.Where(static p => p.Key.TrimEnd('=') != PageKey).SelectMany(static p => p.Value, static (p, value) => KeyValuePair.Create(p.Key, value)).ToList();
        string Url(int number) => QueryHelpers.AddQueryString(path, rest.Append(KeyValuePair.Create(PageKey, (string?)Text(number))));
        var from = page.Items.Count == 0 ? (int?)null : ((page.Number - 1) * page.Size) + 1;
        var previous = page.Number > 1 ? Url(page.Number - 1) : null;
        var next = page.Number < page.Last ? Url(page.Number + 1) : null;
        return new PageOf<TOut>(
            [.. page.Items.Select(convert)],
            new PageLinks(Url(1), Url(page.Last), previous, next),
            new PageMeta(
                page.Number, from, page.Last,
                [
                    new PageButton(previous, "&laquo; Previous", false),
                    .. Buttons(page.Number, page.Last).Select(n => n is { } number ? new PageButton(Url(number), Text(number), number == page.Number) : new PageButton(null, "...", false)),
                    new PageButton(next, "Next &raquo;", false),
                ],
                path, page.Size, from + page.Items.Count - 1, page.Total));
    }

    /// <summary>The first and last two pages and those near the current one; null for a gap.</summary>
    private static IEnumerable<int?> Buttons(int current, int last)
    {
        var shown = new[] { 1, 2, last - 1, last }.Concat(Enumerable.Range(Math.Min(current, last) - Near, (2 * Near) + 1))
            .Where(n => n >= 1 && n <= last).Distinct().Order().ToList();
        for (var i = 0; i < shown.Count; i++)
        {
            if (i > 0 && shown[i] > shown[i - 1] + 1)
            {
                yield return null;
            }

            yield return shown[i];
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
