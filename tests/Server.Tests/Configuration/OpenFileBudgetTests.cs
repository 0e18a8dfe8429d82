using Smtpy.Server.Hosting;
using Xunit;

namespace Smtpy.Server.Tests.Configuration;

public sealed class OpenFileBudgetTests
{
    private const string Limits =
        """
        Limit                     Soft Limit           Hard Limit           Units
        Max processes             unlimited            unlimited            processes
        Max open files            1024                 524288               files
        Max locked memory         8388608              8388608              bytes
        """;

    [Fact]
    public void The_soft_limit_counts_and_none_is_known_where_there_is_none()
    {
        Assert.Equal(1024, OpenFileBudget.ReadLimit(Limits));
        Assert.Null(OpenFileBudget.ReadLimit(Limits.Replace("1024  ", "unlimited", StringComparison.Ordinal)));
        Assert.Null(OpenFileBudget.ReadLimit("Max processes 7"));
        Assert.Null(OpenFileBudget.ReadLimit(null));
    }

    [Theory]
    [InlineData(null, 10_000, 200, 500)]
    [InlineData(11_100, 10_000, 200, 500)]
    [InlineData(11_099, 9_999, 200, 500)]
    [InlineData(1_024, 390, 156, 78)]
    [InlineData(450, 32, 12, 6)]
    [InlineData(256, 5, 5, 5)]
    public void No_more_is_taken_and_opened_than_fits(int? limit, int smtp, int outgoing, int web)
    {
        var budget = new OpenFileBudget(limit, 10_000, 200, 500);
        Assert.Equal((smtp, outgoing, web), (budget.AllowedSmtp, budget.AllowedOutgoing, budget.AllowedWeb));
        Assert.Equal(smtp < 10_000, budget.IsShort);
    }

    [Fact]
    public void Fewer_than_the_least_are_taken_where_fewer_are_asked_for() =>
        Assert.Equal((3, 2), (new OpenFileBudget(100, 3, 2, 1).AllowedSmtp, new OpenFileBudget(100, 3, 2, 1).AllowedOutgoing));
}
