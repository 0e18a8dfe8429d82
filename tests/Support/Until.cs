using System.Diagnostics;

namespace Smtpy.Tests.Support;

/// <summary>Waits for what another process does: there is nothing to subscribe to, so it is looked at often, up to a limit.</summary>
public static class Until
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(15);

    /// <exception cref="TimeoutException">The condition did not come true in time; names <paramref name="what"/>.</exception>
    public static async Task TrueAsync(
        string what, Func<Task<bool>> condition, TimeSpan limit, CancellationToken cancellationToken = default)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(started) > limit)
            {
                throw new TimeoutException($"Not within {limit.TotalSeconds:0.#} s: {what}");
            }

            await Task.Delay(Look, cancellationToken);
        }
    }

    public static Task TrueAsync(string what, Func<bool> condition, TimeSpan limit, CancellationToken cancellationToken = default) =>
        TrueAsync(what, () => Task.FromResult(condition()), limit, cancellationToken);
}
