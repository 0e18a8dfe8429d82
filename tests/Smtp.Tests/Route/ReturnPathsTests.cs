using FsCheck;
using FsCheck.Fluent;
using Smtpy.Smtp.Route;
using Xunit;

namespace Smtpy.Smtp.Tests.Route;

public sealed class ReturnPathsTests
{
    private const string Host = "mx.alias.test";
    private const long LargestId = (1L << 53) - 1;

    private readonly StoppedClock _clock = new();
    private readonly ReturnPaths _paths;

    public ReturnPathsTests() => _paths = new ReturnPaths(Host, "a secret of some length"u8.ToArray(), _clock);

    [Fact]
    public void Every_delivery_comes_back_from_its_return_path_in_any_case() =>
        Prop.ForAll<NonNegativeInt, NonNegativeInt, bool>((id, ordinal, upper) =>
        {
            foreach (var kind in Enum.GetValues<ReturnPathKind>())
            {
                var (local, domain) = Split(_paths.For(id.Get, ordinal.Get, kind, "shop.test"));
                var read = _paths.Read(upper ? local.ToUpperInvariant() : local, upper ? domain.ToUpperInvariant() : domain);
                Assert.Equal(new ReturnPath(ReturnPathStanding.Valid, id.Get, ordinal.Get, kind), read);
            }
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_largest_id_and_ordinal_still_fit_a_local_part_of_64_octets()
    {
        var (local, domain) = Split(_paths.For(LargestId, int.MaxValue, ReturnPathKind.Notice));
        Assert.InRange(local.Length, 1, 64);
        Assert.Equal(Host, domain);
        Assert.Equal(new ReturnPath(ReturnPathStanding.Valid, LargestId, int.MaxValue, ReturnPathKind.Notice), _paths.Read(local, domain));
        Assert.InRange(Split(_paths.For(long.MaxValue, int.MaxValue)).Local.Length, 1, 64);
    }

    [Fact]
    public void No_single_character_can_be_changed()
    {
        var (local, domain) = Split(_paths.For(1234, 5));
        for (var i = 0; i < local.Length; i++)
        {
            foreach (var other in "a7-0f")
            {
                var changed = local[..i] + other + local[(i + 1)..];
                Assert.Equal(changed == local, _paths.Read(changed, domain).IsValid);
            }
        }
    }

    [Fact]
    public void An_address_seen_at_one_domain_is_forged_at_another()
    {
        var (local, _) = Split(_paths.For(7, 0, ReturnPathKind.Reply, "shop.test"));
        Assert.True(_paths.Read(local, "shop.test").IsValid);
        Assert.Equal(ReturnPathStanding.Forged, _paths.Read(local, "other.test").Standing);
        Assert.Equal(ReturnPathStanding.Forged, _paths.Read(local, Host).Standing);
    }

    [Fact]
    public void Another_secret_makes_other_addresses()
    {
        var (local, domain) = Split(_paths.For(7, 1));
        var stranger = new ReturnPaths(Host, "another secret of some length"u8.ToArray(), _clock);
        Assert.Equal(ReturnPathStanding.Forged, stranger.Read(local, domain).Standing);
    }

    [Fact]
    public void It_expires_after_the_tenth_day_and_still_says_what_it_was_about()
    {
        var (local, domain) = Split(_paths.For(7, 2, ReturnPathKind.Reply));
        _clock.Now += TimeSpan.FromDays(10);
        Assert.Equal(ReturnPathStanding.Valid, _paths.Read(local, domain).Standing);
        _clock.Now += TimeSpan.FromDays(1);
        Assert.Equal(new ReturnPath(ReturnPathStanding.Expired, 7, 2, ReturnPathKind.Reply), _paths.Read(local, domain));
    }

    [Fact]
    public void A_clock_that_was_set_back_costs_no_bounce()
    {
        var (local, domain) = Split(_paths.For(7, 2));
        _clock.Now -= TimeSpan.FromDays(400);
        Assert.True(_paths.Read(local, domain).IsValid);
    }

    [Theory]
    [InlineData("b-7-MAC")]
    [InlineData("B-7-MAC")]
    public void An_address_of_the_first_form_is_read_at_the_host_name_and_never_expires(string local)
    {
        // As HKDF and HMAC of another implementation make it with this secret.
        local = local.Replace("MAC", "xgcdkc33n3s34mjo", StringComparison.Ordinal);
        _clock.Now += TimeSpan.FromDays(1000);
        Assert.Equal(new ReturnPath(ReturnPathStanding.Valid, 7, null, ReturnPathKind.Forward), _paths.Read(local, Host));
        Assert.Equal(ReturnPathStanding.NotOurs, _paths.Read(local, "shop.test").Standing);
        Assert.Equal(ReturnPathStanding.Forged, _paths.Read(local.Replace("-7-", "-8-", StringComparison.Ordinal), Host).Standing);
    }

    [Theory]
    [InlineData("b-7-aaaaaaaaaaaaaaaa", ReturnPathStanding.Forged)]
    [InlineData("b-7-f0-20000-aaaaaaaaaaaaaaaa", ReturnPathStanding.Forged)]
    [InlineData("b-7-x0-20000-aaaaaaaaaaaaaaaa", ReturnPathStanding.NotOurs)]
    [InlineData("b-7-f-20000-aaaaaaaaaaaaaaaa", ReturnPathStanding.NotOurs)]
    [InlineData("b-7-f99999999999-20000-aaaaaaaaaaaaaaaa", ReturnPathStanding.NotOurs)]
    [InlineData("b-7--20000-aaaaaaaaaaaaaaaa", ReturnPathStanding.NotOurs)]
    [InlineData("b-7-f0-20000-aaaaaaaaaaaaaaa1", ReturnPathStanding.NotOurs)]
    [InlineData("b-7-", ReturnPathStanding.NotOurs)]
    [InlineData("b-7", ReturnPathStanding.NotOurs)]
    [InlineData("b-aaaaaaaaaaaaaaaa", ReturnPathStanding.NotOurs)]
    [InlineData("b--7-aaaaaaaaaaaaaaaa", ReturnPathStanding.NotOurs)]
    [InlineData("b-99999999999999999999-aaaaaaaaaaaaaaaa", ReturnPathStanding.NotOurs)]
    [InlineData("b-shop", ReturnPathStanding.NotOurs)]
    [InlineData("b-", ReturnPathStanding.NotOurs)]
    [InlineData("", ReturnPathStanding.NotOurs)]
    public void An_address_that_we_did_not_make_is_told_apart(string local, ReturnPathStanding standing) =>
        Assert.Equal(standing, _paths.Read(local, Host).Standing);

    [Fact]
    public void Reading_never_throws() => Prop.ForAll<NonNull<string>, NonNull<string>>((tail, domain) =>
        Assert.False(_paths.Read("b-" + tail.Get, domain.Get).IsValid)).QuickCheckThrowOnFailure();

    [Fact]
    public void A_domain_too_long_for_a_path_gives_way_to_the_host_name()
    {
        var domain = string.Join('.', Enumerable.Repeat(new string('a', 60), 4));
        Assert.EndsWith("@" + Host, _paths.For(7, 0, ReturnPathKind.Reply, domain), StringComparison.Ordinal);
    }

    private static (string Local, string Domain) Split(string address)
    {
        var at = address.LastIndexOf('@');
        return (address[..at], address[(at + 1)..]);
    }

    private sealed class StoppedClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
