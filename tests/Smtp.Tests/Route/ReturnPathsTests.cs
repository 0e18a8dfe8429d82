using FsCheck;
using FsCheck.Fluent;
using Smtpy.Smtp.Route;
using Xunit;

namespace Smtpy.Smtp.Tests.Route;

public sealed class ReturnPathsTests
{
    private readonly ReturnPaths _paths = new("mx.alias.test", "a secret of some length"u8.ToArray());

    [Fact]
    public void Every_message_id_comes_back_from_its_return_path_in_any_case() =>
        Prop.ForAll<NonNegativeInt, bool>((id, upper) =>
        {
            var address = _paths.For(id.Get, "someone@sender.test");
            var at = address.LastIndexOf('@');
            var local = upper ? address[..at].ToUpperInvariant() : address[..at];
            return local.Length <= 64 && _paths.TryParse(local, address[(at + 1)..], out var back) && back == id.Get;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_largest_id_still_fits_a_local_part_of_64_octets() =>
        Assert.True(_paths.For(long.MaxValue, "a@b.test").IndexOf('@', StringComparison.Ordinal) <= 64);

    [Fact]
    public void The_null_reverse_path_stays_null() => Assert.Equal("", _paths.For(7, ""));

    [Theory]
    [InlineData("b-7-aaaaaaaaaaaaaaaa", "mx.alias.test")]
    [InlineData("b-7-", "mx.alias.test")]
    [InlineData("b-7", "mx.alias.test")]
    [InlineData("b--7-aaaaaaaaaaaaaaaa", "mx.alias.test")]
    [InlineData("b-99999999999999999999-aaaaaaaaaaaaaaaa", "mx.alias.test")]
    [InlineData("", "mx.alias.test")]
    public void An_address_that_we_did_not_make_is_not_ours(string local, string domain) =>
        Assert.False(_paths.TryParse(local, domain, out _));

    [Fact]
    public void Another_secret_or_another_domain_makes_other_addresses()
    {
        var address = _paths.For(7, "a@b.test").Split('@');
        var stranger = new ReturnPaths("mx.alias.test", "another secret of some length"u8.ToArray());
        Assert.True(_paths.TryParse(address[0], address[1], out _));
        Assert.False(stranger.TryParse(address[0], address[1], out _));
        Assert.False(_paths.TryParse(address[0], "elsewhere.test", out _));
    }
}
