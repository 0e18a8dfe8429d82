using Smtpy.Core.Rules;

namespace Smtpy.Smtp.Filter;

/// <summary>Where Rspamd is asked, and what is made of its answers.</summary>
public sealed record RspamdOptions
{
    /// <summary>Base address of the normal worker or the proxy, such as http://127.0.0.1:11333.</summary>
    public required Uri Url { get; init; }

    /// <summary>Sent as its Password header; null for none.</summary>
    public string? Password { get; init; }

    /// <summary>Time for one message. 10 s: what Rspamd itself allows a task at most is 8 s.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Octets of a message that is still shown to it. 20 MiB: spam is small, and Rspamd refuses more than 50 MiB.</summary>
    public long MaxSize { get; init; } = 20 * 1024 * 1024;

    /// <summary>Octets of an answer that are read. 1 MiB: a hundred times the usual.</summary>
    public int MaxAnswer { get; init; } = 1024 * 1024;
}

/// <summary>What follows from a filter's opinion.</summary>
public sealed record SpamPolicy
{
    /// <summary>Done with what the filter would reject. Reject: the sender learns of it; nothing is lost unseen.</summary>
    public FailureAction OnReject { get; init; } = FailureAction.Reject;

    /// <summary>A score from which mail is held that the filter would only mark; null for none.</summary>
    public double? HoldScore { get; init; }
}
