using Microsoft.Extensions.Logging;

namespace Smtpy.Smtp.Deliver;

/// <summary>What outgoing mail writes into the log: one line for each outcome, never content, never a mailbox.</summary>
internal static partial class DeliveryLog
{
    [LoggerMessage(1, LogLevel.Information, "Delivery {MessageId}/{Ordinal} to {Domain}: {Outcome} {Code} {Enhanced} by {Remote} after {DelaySeconds} s")]
    public static partial void Ended(
        ILogger logger, long messageId, int ordinal, string domain, DeliveryOutcome outcome, int code, string? enhanced, string remote, double delaySeconds);

    [LoggerMessage(2, LogLevel.Warning, "Destination {Destination} cannot be reached ({Reason}); {Waiting} waiting messages are put off, next try after {Until:O}")]
    public static partial void LaneBlocked(ILogger logger, string destination, string reason, int waiting, DateTimeOffset until);

    [LoggerMessage(3, LogLevel.Error, "The outcome of {MessageId}/{Ordinal} ({Outcome}) could not be recorded; trying again")]
    public static partial void RecordFailed(ILogger logger, Exception exception, long messageId, int ordinal, Core.Storage.DeliveryState outcome);

    [LoggerMessage(4, LogLevel.Error, "The outcome of {MessageId}/{Ordinal} ({Outcome}) was never recorded: it may be delivered twice")]
    public static partial void RecordAbandoned(ILogger logger, long messageId, int ordinal, Core.Storage.DeliveryState outcome);

    [LoggerMessage(5, LogLevel.Error, "The lease on the queue was lost; {Dropped} waiting messages are left to whoever holds it now")]
    public static partial void LeaseLost(ILogger logger, int dropped);

    [LoggerMessage(6, LogLevel.Error, "The lease on the queue could not be renewed")]
    public static partial void LeaseNotRenewed(ILogger logger, Exception exception);

    [LoggerMessage(7, LogLevel.Error, "Due deliveries could not be read from the store")]
    public static partial void PollFailed(ILogger logger, Exception exception);

    [LoggerMessage(8, LogLevel.Warning, "{Count} deliveries could not be given back to the store; they are free when the lease expires")]
    public static partial void GiveBackFailed(ILogger logger, Exception exception, int count);

    [LoggerMessage(9, LogLevel.Information, "Delivery stopped; {Count} untried deliveries given back")]
    public static partial void Stopped(ILogger logger, int count);

    [LoggerMessage(10, LogLevel.Error, "Delivering message {MessageId} broke off for an unexpected reason; it is deferred")]
    public static partial void DeliveryBroke(ILogger logger, Exception exception, long messageId);

    [LoggerMessage(11, LogLevel.Error, "Outgoing mail's {Work} failed for an unexpected reason; it goes on")]
    public static partial void ClockworkBroke(ILogger logger, Exception exception, string work);
}
