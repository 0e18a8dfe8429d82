using Smtpy.Core.Accounts;
using Smtpy.Smtp.Plan;

namespace Smtpy.Smtp.Receive;

/// <summary>Tells owners of mail that waits for them. Nobody waits for it, and it is bounded: who makes this server hold mail must not stop it.</summary>
public sealed class HeldNotices(IOwnerNotices notices)
{
    /// <summary>Notices on their way at once; further ones are left out. 100: the story has them all.</summary>
    private const int Most = 100;

    private int _underWay;

    public void Send(long messageId, string sender, IReadOnlyList<HeldCopy> held)
    {
        ArgumentNullException.ThrowIfNull(held);
        foreach (var copy in held)
        {
            if (Interlocked.Increment(ref _underWay) > Most)
            {
                Interlocked.Decrement(ref _underWay);
                return;
            }

            _ = SendAsync(copy.AccountId, new MessageHeldNotice(messageId, copy.Address, sender, copy.Reason));
        }
    }

    private async Task SendAsync(Guid accountId, MessageHeldNotice notice)
    {
        try
        {
            await notices.SendAsync(accountId, notice, CancellationToken.None);
        }
        finally
        {
            Interlocked.Decrement(ref _underWay);
        }
    }
}
