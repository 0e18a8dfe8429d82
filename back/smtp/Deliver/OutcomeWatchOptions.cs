namespace Smtpy.Smtp.Deliver;

public sealed record OutcomeWatchOptions
{
    /// <summary>How long a reply is tried before its writer is told that it is late. 4 hours: what mail servers have always taken.</summary>
    public TimeSpan DelayIsNewsAfter { get; init; } = TimeSpan.FromHours(4);

    /// <summary>Failures waiting to be told of. 1,000; further ones are only in the messages' stories.</summary>
    public int Capacity { get; init; } = 1000;
}
