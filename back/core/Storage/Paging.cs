using Microsoft.EntityFrameworkCore;

namespace Smtpy.Core.Storage;

internal static class Paging
{
    /// <param name="rows">In an order that is the same each time.</param>
    /// <param name="number">1, 2, …</param>
    public static async Task<Page<T>> PageAsync<T>(this IQueryable<T> rows, int number, int size, CancellationToken cancellationToken)
    {
        var total = await rows.CountAsync(cancellationToken);

        // A page number times a page size may be more than an int holds; nothing is there.
        var skip = (long)(number - 1) * size;
        var items = skip >= total ? [] : await rows.Skip((int)skip).Take(size).ToListAsync(cancellationToken);
        return new Page<T>(items, number, size, total);
    }
}
