using Smtpy.Core.Accounts;
using Smtpy.Core.Aliases;
using Smtpy.Core.Messages;
using Smtpy.Core.Rules;
using Smtpy.Core.Storage;
using Smtpy.Core.Storage.Postgres;

namespace Smtpy.Core;

/// <summary>What core is configured with.</summary>
public sealed record CoreOptions
{
    /// <summary>Where local files are kept; created when missing.</summary>
    public required string DataFolder { get; init; }

    /// <summary>DATABASE_URL: "sqlite:PATH" or "postgres://…", or null for smtpy.db in <see cref="DataFolder"/>.</summary>
    public string? Database { get; init; }

    public PostgresOptions Postgres { get; init; } = new();

    /// <summary>How long a start waits for a database server that is not up yet.</summary>
    public TimeSpan DatabaseWait { get; init; }

    /// <summary>SMTP_HOSTNAME: postmaster and abuse at this name reach the first administrator.</summary>
    public required string HostName { get; init; }

    public AliasDirectoryOptions Directory { get; init; } = new();

    /// <summary>What aliases and domains leave open.</summary>
    public MailHandlingDefaults Handling { get; init; } = new();

    public OwnerNoticeOptions Notices { get; init; } = new();

    public BounceOptions Bounces { get; init; } = new();

    public MessageStoreOptions Store { get; init; } = new();

    /// <summary>
    /// Metadata 30 days: long enough to answer "where did that mail go". Failed content 14 days: time to notice and retry.
    /// 1,000 captured messages: a developer's week.
    /// </summary>
    public RetentionPolicy Retention { get; init; } = new(TimeSpan.FromDays(30), TimeSpan.FromDays(14), 1000);
}
