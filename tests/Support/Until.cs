using System.Diagnostics;

namespace Smtpy.Tests.Support;

/// <summary>Waits for what another process does: there is nothing to subscribe to, so it is looked at often, up to a limit.</summary>
public static class Until
{
    /// <summary>
    /// Longer than anything takes here, on a slow machine that others keep busy too. It only says how long a test takes to fail: what takes
    /// milliseconds is seen after milliseconds.
    /// </summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(15);

    /// <param name="limit">Only where the time itself matters, or where it takes minutes; <see cref="Patience"/> when null.</param>
    /// <exception cref="TimeoutException">The condition did not come true in time; names <paramref name="what"/>.</exception>
    public static async Task TrueAsync(
        string what, Func<Task<bool>> condition, TimeSpan? limit = null, CancellationToken cancellationToken = default)
    {
        var (started, patience) = (Stopwatch.GetTimestamp(), limit ?? Patience);
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(started) > patience)
            {
                throw new TimeoutException($"Not within {patience.TotalSeconds:0.#} s: {what}");
            }

            await Task.Delay(Look, cancellationToken);
        }
    }

    public static Task TrueAsync(string what, Func<bool> condition, TimeSpan? limit = null, CancellationToken cancellationToken = default) =>
        TrueAsync(what, () => Task.FromResult(condition()), limit, cancellationToken);
}
