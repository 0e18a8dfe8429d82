using Smtpy.Tests.Support;

namespace Smtpy.Mail.Tests.Server;

internal static class Clock
{
    /// <summary>
    /// Moves the clock until something has happened. The server sets its deadlines on its own threads; so a single step could come
    /// before the deadline it is meant for.
    /// </summary>
    public static async Task AdvanceUntilAsync(ManualTime time, Task happened)
    {
        using var givenUp = new CancellationTokenSource(Until.Patience);
        while (!happened.IsCompleted)
        {
            givenUp.Token.ThrowIfCancellationRequested();
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(happened, Task.Delay(1, givenUp.Token));
        }
    }
}
