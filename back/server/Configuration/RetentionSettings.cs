using Smtpy.Core.Storage;

namespace Smtpy.Server.Configuration;

/// <summary>How long what is left of finished messages stays.</summary>
public sealed record RetentionSettings(RetentionPolicy Policy)
{
    public static RetentionSettings Read(SettingReader read) => new(new RetentionPolicy(
        // 14 days: the question "where is my mail" comes within two weeks.
        read.Days("RETENTION_METADATA_DAYS", TimeSpan.FromDays(14), 1, 3650),
        // 7 days beyond the five of retrying: time to notice and to try again by hand.
        read.Days("RETENTION_FAILED_DAYS", TimeSpan.FromDays(12), 1, 3650),
        // 500: the capture mailbox is for looking, not for keeping.
        read.Number("CAPTURE_MESSAGES", 500, 1, 1_000_000)));
}
