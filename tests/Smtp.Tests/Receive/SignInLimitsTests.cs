using System.Net;
using Smtpy.Smtp.Receive;
using Smtpy.Tests.Support.ScriptedPeer;
using Xunit;

namespace Smtpy.Smtp.Tests.Receive;

public sealed class SignInLimitsTests
{
    private static readonly IPAddress Client = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress Other = IPAddress.Parse("192.0.2.2");

    private readonly ManualTime _time = new();

    [Fact]
    public void A_client_that_fails_too_often_may_not_try_again_in_this_window()
    {
        var limits = Limits(new() { FailuresPerClient = 2 });
        limits.Failed(Client, "one");
        Assert.True(limits.MayTry(Client, "two"));
        limits.Failed(Client, "two");
        Assert.False(limits.MayTry(Client, "three"));
        Assert.True(limits.MayTry(Other, "one"));
        _time.Advance(TimeSpan.FromMinutes(15));
        Assert.True(limits.MayTry(Client, "three"));
    }

    [Fact]
    public void A_user_name_is_counted_over_all_clients_and_in_every_case()
    {
        var limits = Limits(new() { FailuresPerUser = 2 });
        limits.Failed(Client, "jane@shop.example");
        limits.Failed(Other, "Jane@Shop.example");
        Assert.False(limits.MayTry(IPAddress.Parse("192.0.2.3"), "JANE@shop.example"));
        Assert.True(limits.MayTry(Client, "joe@shop.example"));
    }

    [Fact]
    public void All_addresses_of_an_IPv6_64_are_one_client()
    {
        var limits = Limits(new() { FailuresPerClient = 1 });
        limits.Failed(IPAddress.Parse("2001:db8:1:2::1"), "a");
        Assert.False(limits.MayTry(IPAddress.Parse("2001:db8:1:2:ffff::9"), "b"));
        Assert.True(limits.MayTry(IPAddress.Parse("2001:db8:1:3::1"), "b"));
    }

    [Fact]
    public void A_flood_of_names_takes_no_memory_without_end()
    {
        var limits = Limits(new() { FailuresPerClient = 2, MaxCounted = 10 });
        limits.Failed(Client, "a");
        limits.Failed(Client, "b");
        Assert.False(limits.MayTry(Client, "c"));
        for (var i = 0; i < 20; i++)
        {
            limits.Failed(Other, $"name {i}");
        }

        Assert.True(limits.MayTry(Client, "c"));
    }

    private SignInLimits Limits(SignInLimitOptions options) => new(options, _time);
}
