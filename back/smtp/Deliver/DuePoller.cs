using Microsoft.Extensions.Logging;
using Smtpy.Core.Messages;
using Smtpy.Core.Storage;
using Smtpy.Smtp.Route;

namespace Smtpy.Smtp.Deliver;

/// <summary>Takes up what is due in the store: deferred deliveries, what found no room in memory, what other processes left.</summary>
internal sealed class DuePoller(DeliveryQueue queue, IMessageStore store, OutboundMessages messages, DeliveryOptions options, ILogger logger)
{
    /// <summary>Under way since before the lease was lost; they may come out of the store as due again.</summary>
    private IReadOnlyList<OutboundJob> _survivors = [];

    public void Outlive(IReadOnlyList<OutboundJob> underWay) => _survivors = underWay;

    public async Task PollAsync(CancellationToken cancellationToken)
    {
        int taken;
        int limit;
        do
        {
            limit = Math.Min(queue.FreeMessages, options.PollBatch);
            taken = limit > 0 ? await TakeAsync(limit, cancellationToken) : 0;
        }
        while (taken > 0 && taken == limit);
    }

    private async Task<int> TakeAsync(int limit, CancellationToken cancellationToken)
    {
        IReadOnlyList<DueDelivery> due;
        try
        {
            due = await store.LeaseDueAsync(limit, cancellationToken);
        }
        catch (StorageException e)
        {
            DeliveryLog.PollFailed(logger, e);
            return 0;
        }

        foreach (var group in Group(due))
        {
            Enqueue(group);
        }

        return due.Count;
    }

    /// <summary>Deliveries that one transaction can serve, in the order of their first.</summary>
    private List<List<DueDelivery>> Group(IReadOnlyList<DueDelivery> due)
    {
        var survivors = Survivors();
        var groups = new List<List<DueDelivery>>();
        var byKey = new Dictionary<(long, DeliveryKind, string, string), List<DueDelivery>>();
        foreach (var delivery in due)
        {
            if (survivors.Contains(delivery.Key))
            {
                continue;
            }

            var key = (delivery.Key.MessageId, delivery.Kind, delivery.AliasAddress, DestinationKey.Of(options.Mode, delivery.Recipient));
            if (!byKey.TryGetValue(key, out var group))
            {
                byKey.Add(key, group = []);
                groups.Add(group);
            }

            group.Add(delivery);
        }

        return groups;
    }

    private HashSet<DeliveryKey> Survivors()
    {
        _survivors = [.. _survivors.Where(job => !job.IsReleased)];
        return [.. _survivors.SelectMany(job => job.Keys)];
    }

    private void Enqueue(List<DueDelivery> group)
    {
        var first = group[0];
        var content = new StoredContent(store, first.Key.MessageId, first.PartCount, first.Size);
        queue.Enqueue(messages.Make(group, null, content, null));
    }
}
