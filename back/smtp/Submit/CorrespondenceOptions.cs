namespace Smtpy.Smtp.Submit;

/// <summary>What an account's owner may send in a day (UTC). Mail of theirs leaves with our name: one stolen mailbox must not cost it.</summary>
public sealed record CorrespondenceOptions
{
    public required string Hostname { get; init; }

    /// <summary>REPLIES_PER_DAY: replies and new conversations by mail from a mailbox. 500: what a large mailbox provider lets a person send.</summary>
    public int RepliesPerDay { get; init; } = 500;

    /// <summary>SUBMISSIONS_PER_DAY: recipients of mail from signed-in programs. 300: a person's day, not a newsletter.</summary>
    public int SubmissionsPerDay { get; init; } = 300;
}
