using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Smtpy.Api.Http;

/// <summary>One page of a list that is walked from its beginning, in the shape of Laravel's cursor paginator, as addy.io would have it.</summary>
public sealed record CursorPaged<T>(IReadOnlyList<T> Data, CursorLinks Links, CursorMeta Meta);

/// <param name="Next">URL of the next page; null on the last. The other three are always null: the list is walked one way.</param>
public sealed record CursorLinks(string? First, string? Last, string? Prev, string? Next);

/// <param name="Path">URL of the list without a query.</param>
/// <param name="NextCursor">Null on the last page.</param>
public sealed record CursorMeta(string Path, int PerPage, string? NextCursor, string? PrevCursor);

internal static class CursorResource
{
    public const string Key = "cursor";

    /// <param name="next">Null on the last page.</param>
    public static CursorPaged<T> Make<T>(HttpRequest request, Uri publicUrl, IReadOnlyList<T> items, int size, string? next)
    {
        var path = publicUrl.GetLeftPart(UriPartial.Path).TrimEnd('/') + request.Path;
        var rest = request.Query.Where(static p => p.Key != Key).SelectMany(static p => p.Value, static (p, value) => KeyValuePair.Create(p.Key, value));
        var link = next is null ? null : QueryHelpers.AddQueryString(path, rest.Append(KeyValuePair.Create(Key, (string?)next)));
        return new CursorPaged<T>(items, new CursorLinks(null, null, null, link), new CursorMeta(path, size, next, null));
    }
}
