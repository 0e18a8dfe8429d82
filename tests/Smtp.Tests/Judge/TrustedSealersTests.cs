using System.Text;
using Smtpy.Mail.Arc;
using Smtpy.Smtp.Judge;
using Xunit;

namespace Smtpy.Smtp.Tests.Judge;

public sealed class TrustedSealersTests
{
    private const string Pass = "dmarc=pass (p=REJECT) header.from=shop.example";

    private static readonly TrustedSealers Sealers = new(["google.com", "list.example"]);

    [Theory]
    [InlineData("google.com", "google.com " + Pass)]
    [InlineData("google.com", "google.com " + Pass, "list.example dmarc=fail header.from=shop.example")]
    [InlineData("list.example", "other.example " + Pass, "list.example " + Pass)]
    [InlineData(null, "other.example " + Pass)]
    [InlineData(null, "google.com " + Pass, "other.example " + Pass)] // Who sealed last may have written the rest.
    [InlineData(null, "google.com dmarc=fail header.from=shop.example")]
    [InlineData(null, "google.com dmarc=pass header.from=other.example")]
    [InlineData(null, "google.com dmarc=pass")]
    [InlineData(null, "google.com spf=pass smtp.mailfrom=shop.example")]
    public void A_sealer_vouches_only_for_the_same_author_and_with_trusted_ones_after_it(string? voucher, params string[] sets) =>
        Assert.Equal(voucher, Sealers.VoucherOf(Chain(ArcStatus.Pass, sets), "shop.example"));

    [Theory]
    [InlineData(ArcStatus.Fail)]
    [InlineData(ArcStatus.None)]
    public void A_chain_that_does_not_pass_vouches_for_nothing(ArcStatus status) =>
        Assert.Null(Sealers.VoucherOf(Chain(status, "google.com " + Pass), "shop.example"));

    [Fact]
    public void A_seal_that_does_not_cover_From_does_not_say_who_wrote_the_message()
    {
        var chain = Chain(ArcStatus.Pass, "google.com " + Pass);
        Assert.Null(Sealers.VoucherOf(chain with { Sets = [chain.Sets[0] with { CoversFrom = false }] }, "shop.example"));
    }

    [Fact]
    public void Nobody_vouches_for_a_message_without_an_author() =>
        Assert.Null(Sealers.VoucherOf(Chain(ArcStatus.Pass, "google.com " + Pass), null));

    /// <param name="sets">Sealer and what it found, from the first set on.</param>
    private static ArcResult Chain(ArcStatus status, params string[] sets) => new(status, sets.Length, "", [.. sets.Select((set, number) =>
    {
        var (sealer, found) = (set[..set.IndexOf(' ', StringComparison.Ordinal)], set[set.IndexOf(' ', StringComparison.Ordinal)..]);
        return new ArcSetSummary(
            number + 1, sealer, "s", sealer, Encoding.ASCII.GetBytes($"ARC-Authentication-Results: i={number + 1};\r\n mx.{sealer};{found}\r\n"))
        {
            CoversFrom = true,
        };
    })]);
}
