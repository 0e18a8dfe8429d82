using System.Net;
using Microsoft.Extensions.Logging;

namespace Smtpy.Smtp.Receive;

/// <summary>One line an event; addresses and sizes, never content.</summary>
internal static partial class ReceiveLog
{
    [LoggerMessage(1, LogLevel.Information,
        "message {MessageId} accepted from <{Sender}> for <{Alias}> ({Recipients} deliveries, {Size} octets) by {Protocol} from {Client}")]
    public static partial void Accepted(
        ILogger logger, long messageId, string sender, string alias, int recipients, long size, string client, string protocol);

    [LoggerMessage(2, LogLevel.Information, "recipient <{Recipient}> of <{Sender}> refused for {Client} ({Helo}): {Reason}")]
    public static partial void RecipientRefused(
        ILogger logger, string sender, string recipient, IPAddress client, string helo, string reason);

    [LoggerMessage(3, LogLevel.Information, "message from <{Sender}> refused for {Client}: {Code} {Text}")]
    public static partial void MessageRefused(ILogger logger, string sender, IPAddress client, int code, string text);

    [LoggerMessage(4, LogLevel.Error, "message from <{Sender}> not stored, {Client} told {Code}: {Failure}")]
    public static partial void NotStored(ILogger logger, string sender, IPAddress client, int code, string failure);

    [LoggerMessage(5, LogLevel.Warning, "parts of abandoned message {MessageId} stay until the purge: {Failure}")]
    public static partial void AbandonFailed(ILogger logger, long messageId, string failure);

    [LoggerMessage(6, LogLevel.Warning, "the refusal of mail for <{Alias}> cannot be shown to its owner: {Failure}")]
    public static partial void RefusalNotRecorded(ILogger logger, string alias, string failure);

    [LoggerMessage(7, LogLevel.Error, "message {MessageId} is stored, and is delivered later: it could not be handed on")]
    public static partial void NotHandedOn(ILogger logger, long messageId, Exception failure);

    [LoggerMessage(8, LogLevel.Warning,
        "messages under way hold {Octets} octets of memory of the {Limit} of SMTP_RECEIVE_MEMORY: {Count} of them given up for others")]
    public static partial void MemoryRelieved(ILogger logger, long octets, long limit, int count);

    [LoggerMessage(9, LogLevel.Information, "message from <{Sender}> for {Recipients} recipients cut off: {Client} ({Helo}) is gone before its end")]
    public static partial void CutOff(ILogger logger, string sender, int recipients, IPAddress client, string helo);
}
