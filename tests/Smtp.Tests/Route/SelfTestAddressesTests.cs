using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Smtpy.Smtp.Route;
using Smtpy.Tests.Support.ScriptedPeer;
using Xunit;

namespace Smtpy.Smtp.Tests.Route;

/// <summary>Nobody but who knows the secret, and only for some minutes, may have the server connect to its own ports.</summary>
public sealed class SelfTestAddressesTests
{
    private const string Host = "mx.alias.test";
    private readonly ManualTime _time = new();
    private readonly SelfTestAddresses _addresses;
    private readonly string _local;

    public SelfTestAddressesTests()
    {
        _addresses = Of("a secret of some length");
        _local = Local(_addresses.For(2525));
    }

    [Fact]
    public void A_genuine_address_leads_to_its_port_in_any_case_of_its_letters()
    {
        foreach (var local in new[] { _local, _local.ToUpperInvariant() })
        {
            Assert.True(_addresses.TryRoute(local, Host.ToUpperInvariant(), out var mailbox));
            Assert.EndsWith("@" + SelfTestAddresses.Domain, mailbox, StringComparison.Ordinal);
            Assert.True(_addresses.TryPort(mailbox, out var port));
            Assert.Equal(2525, port);
        }
    }

    [Fact]
    public void It_is_good_for_five_minutes_and_none_from_the_future_is_taken()
    {
        _time.Advance(TimeSpan.FromMinutes(5));
        Assert.True(Routes(_local));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(Routes(_local));

        var later = Local(_addresses.For(2525));
        var earlier = new SelfTestAddresses(Host, "a secret of some length"u8.ToArray(), new ManualTime());
        Assert.False(earlier.TryRoute(later, Host, out _));
    }

    [Fact]
    public void An_address_made_with_another_secret_or_for_another_host_is_none()
    {
        Assert.False(Routes(Local(Of("another secret of some length").For(2525))));
        Assert.False(_addresses.TryRoute(_local, "alias.test", out _));
        Assert.False(_addresses.TryRoute(_local, SelfTestAddresses.Domain, out _));
    }

    [Fact]
    public void Changing_any_one_character_makes_it_none()
    {
        for (var i = 0; i < _local.Length; i++)
        {
            var changed = _local.ToCharArray();
            changed[i] = changed[i] == '7' ? '8' : '7';
            Assert.False(Routes(new string(changed)), new string(changed));
        }
    }

    [Fact]
    public void Hostile_local_parts_are_none_and_break_nothing()
    {
        var parts = _local.Split('-');
        var (second, mac) = (parts[2], parts[3]);
        foreach (var local in new[]
        {
            "", "-", "---", "selftest", "selftest-", "selftest---", $"selftest-2525-{second}", $"selftest-2525-{second}-", $"{_local}-", $"-{_local}",
            $"selftest-0-{second}-{mac}", $"selftest-65536-{second}-{mac}", $"selftest-02525-{second}-{mac}", $"selftest-+2525-{second}-{mac}",
            $"selftest- 2525-{second}-{mac}", $"selftest-2525--{second}-{mac}", $"selftest-99999999999999999999-{second}-{mac}",
            $"selftest-2525-9223372036854775808-{mac}", $"selftest-2525-9223372036854775807-{mac}", $"selftest-2525-{second}-{mac}00",
            $"selftest-2525-{second}-{mac[..^1]}", $"selftest-2525-{second}-é", $"selftest-\u0662\u0665\u0662\u0665-{second}-{mac}",
            "x@" + _local, _local + "@x", new string('-', 100_000), "selftest-" + new string('9', 100_000),
        })
        {
            Assert.False(Routes(local), local[..Math.Min(80, local.Length)]);
        }
    }

    [Fact]
    public void No_made_up_time_or_code_is_ever_taken() =>
        Prop.ForAll<PositiveInt, long, ulong>((port, second, code) =>
        {
            var made = string.Create(CultureInfo.InvariantCulture, $"selftest-{port.Get}-{second}-{code:x20}");
            return !Routes(made);
        }).QuickCheckThrowOnFailure();

    private static string Local(string address) => address[..address.IndexOf('@', StringComparison.Ordinal)];

    private bool Routes(string local) => _addresses.TryRoute(local, Host, out _);

    private SelfTestAddresses Of(string secret) => new(Host, System.Text.Encoding.UTF8.GetBytes(secret), _time);
}
