namespace Smtpy.Core.Messages;

/// <summary>When a mailbox counts as gone: going on would give the mail of all aliases a bad name.</summary>
public sealed record BounceOptions
{
    /// <summary>Messages refused for good within <see cref="LongPeriod"/>, none delivered since. 5: a week's mail of a quiet alias.</summary>
    public int MostInLongPeriod { get; init; } = 5;

    public TimeSpan LongPeriod { get; init; } = TimeSpan.FromDays(7);

    /// <summary>The same within <see cref="ShortPeriod"/>. 3: one may be a mistake, two a bad day.</summary>
    public int MostInShortPeriod { get; init; } = 3;

    public TimeSpan ShortPeriod { get; init; } = TimeSpan.FromDays(1);

    /// <summary>A message that was taken counts as delivered when nothing has come back after this. 1 hour: most bounces take seconds.</summary>
    public TimeSpan SilenceMeansDelivered { get; init; } = TimeSpan.FromHours(1);
}
