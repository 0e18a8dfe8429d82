using Smtpy.Core.Rules;

namespace Smtpy.Core.Tests.Rules;

public sealed class SenderRuleSetTests
{
    private static readonly Guid ThisDomain = Guid.NewGuid();
    private static readonly Guid ThisAlias = Guid.NewGuid();

    [Fact]
    public void Without_a_rule_nothing_is_said() => Assert.Null(new SenderRuleSet([]).Of("jane@shop.example", ThisDomain, ThisAlias));

    [Theory]
    [InlineData("jane@shop.example", SenderVerdict.Block)]
    [InlineData("@shop.example", SenderVerdict.Block)]
    [InlineData("@example", SenderVerdict.Block)]
    [InlineData("@op.example", null)]
    [InlineData("ane@shop.example", null)]
    [InlineData("@mail.shop.example", null)]
    public void A_rule_is_for_an_address_or_a_domain_with_its_subdomains(string sender, SenderVerdict? expected) =>
        Assert.Equal(expected, new SenderRuleSet([(sender, SenderVerdict.Block, null, null)]).Of("jane@shop.example", ThisDomain, ThisAlias));

    [Fact]
    public void The_alias_decides_before_its_domain_and_the_domain_before_the_account()
    {
        var rules = new SenderRuleSet(
        [
            ("jane@shop.example", SenderVerdict.Block, null, null),
            ("@shop.example", SenderVerdict.LetThrough, ThisDomain, null),
            ("@example", SenderVerdict.Block, null, ThisAlias),
        ]);
        Assert.Equal(SenderVerdict.Block, rules.Of("jane@shop.example", ThisDomain, ThisAlias));
        Assert.Equal(SenderVerdict.LetThrough, rules.Of("jane@shop.example", ThisDomain, Guid.NewGuid()));
        Assert.Equal(SenderVerdict.Block, rules.Of("jane@shop.example", Guid.NewGuid(), null));
    }

    [Fact]
    public void An_address_decides_before_its_domain()
    {
        var rules = new SenderRuleSet([("@shop.example", SenderVerdict.Block, null, null), ("jane@shop.example", SenderVerdict.LetThrough, null, null)]);
        Assert.Equal(SenderVerdict.LetThrough, rules.Of("jane@shop.example", null, null));
        Assert.Equal(SenderVerdict.Block, rules.Of("bob@shop.example", null, null));
    }

    [Fact]
    public void Of_two_rules_as_narrow_blocking_wins()
    {
        (string, SenderVerdict, Guid?, Guid?)[] rules = [("@a.example", SenderVerdict.Block, null, null), ("@a.example", SenderVerdict.LetThrough, null, null)];
        Assert.Equal(SenderVerdict.Block, new SenderRuleSet(rules).Of("x@a.example", null, null));
        Assert.Equal(SenderVerdict.Block, new SenderRuleSet(rules.Reverse()).Of("x@a.example", null, null));
    }
}
