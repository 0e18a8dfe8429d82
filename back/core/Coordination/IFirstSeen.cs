namespace Smtpy.Core.Coordination;

/// <summary>Remembers when something was first seen, for all processes together where they can be reached.</summary>
public interface IFirstSeen
{
    /// <summary>When it was first seen: now, where it is not remembered. Never fails: what cannot be shared is remembered in this process.</summary>
    /// <param name="what">A short mark, at most some tens of characters.</param>
    /// <param name="kept">How long it is remembered when it is new.</param>
    ValueTask<DateTimeOffset> FirstSeenAsync(string what, TimeSpan kept, CancellationToken cancellationToken);

    /// <summary>Remembers what is remembered for so long from now.</summary>
    ValueTask KeepAsync(string what, TimeSpan kept, CancellationToken cancellationToken);
}
