namespace Smtpy.Core.Accounts;

/// <summary>Tells owners by mail what they should know of. A convenience beside the story, which has everything.</summary>
public interface IOwnerNotices
{
    /// <summary>
    /// Queues a notice to the account's own address, unless the account has had enough of its kind today or it is about a message of
    /// ours. Never fails for want of a database: what cannot be queued is logged, and the caller goes on.
    /// </summary>
    ValueTask SendAsync(Guid accountId, OwnerNotice notice, CancellationToken cancellationToken);
}
