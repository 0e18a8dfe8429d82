namespace Smtpy.Core;

/// <param name="Number">1, 2, …</param>
/// <param name="Size">Most items on a page.</param>
/// <param name="Total">Items on all pages.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, int Number, int Size, int Total)
{
    public int Last => Math.Max(1, (Total + Size - 1) / Size);
}
