using Smtpy.Tests.Support.Smtp;
using Xunit;

namespace Smtpy.EndToEnd.Promise;

/// <summary>The kill test is worth what its bookkeeping is worth: it must be able to say "lost".</summary>
public sealed class DeliveryAccountTests
{
    private static readonly Dictionary<string, ulong> Accepted = new() { ["<1>"] = 11, ["<2>"] = 22, ["<3>"] = 33 };

    [Fact]
    public void A_message_that_never_arrived_is_lost()
    {
        var account = DeliveryAccount.Settle(Accepted, Arrived(("<1>", 11), ("<3>", 33)));

        Assert.Equal(["<2>"], account.Lost);
        Assert.Equal(2, account.Delivered);
        Assert.EndsWith("lost=1", account.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_arrival_is_a_duplicate_and_not_a_loss()
    {
        var account = DeliveryAccount.Settle(Accepted, Arrived(("<1>", 11), ("<2>", 22), ("<2>", 22), ("<3>", 33)));

        Assert.Empty(account.Lost);
        Assert.Equal(1, account.Duplicates);
    }

    [Fact]
    public void Another_body_under_the_same_id_is_altered()
    {
        var account = DeliveryAccount.Settle(Accepted, Arrived(("<1>", 11), ("<2>", 99), ("<3>", 33), ("<3>", 34)));

        Assert.Equal(["<2>", "<3>"], account.Altered);
    }

    [Fact]
    public void An_arrival_without_a_seen_reply_is_only_unacknowledged()
    {
        var account = DeliveryAccount.Settle(Accepted, Arrived(("<1>", 11), ("<2>", 22), ("<3>", 33), ("<4>", 44)));

        Assert.Equal(1, account.Unacknowledged);
        Assert.Empty(account.Lost);
    }

    private static Dictionary<string, SinkEntry> Arrived(params (string Id, ulong Hash)[] arrivals)
    {
        var entries = new Dictionary<string, SinkEntry>();
        foreach (var (id, hash) in arrivals)
        {
            if (!entries.TryGetValue(id, out var entry))
            {
                entries[id] = entry = new SinkEntry(hash);
            }

            entry.Add(hash);
        }

        return entries;
    }
}
