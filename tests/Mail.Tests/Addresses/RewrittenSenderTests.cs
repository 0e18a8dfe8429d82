using FsCheck;
using FsCheck.Fluent;
using Smtpy.Mail.Addresses;
using Xunit;

namespace Smtpy.Mail.Tests.Addresses;

public sealed class RewrittenSenderTests
{
    [Theory]
    [InlineData("SRS0=Xk2v=7Q=shop.example=jane@fwd.example", SenderScheme.Srs0, "jane@shop.example")]
    [InlineData("SRS0+Xk2v=7Q=shop.example=jane@fwd.example", SenderScheme.Srs0, "jane@shop.example")]
    [InlineData("SRS0-Xk2v=7Q=shop.example=jane@fwd.example", SenderScheme.Srs0, "jane@shop.example")]
    [InlineData("srs0=xk2v=7q=shop.example=jane@fwd.example", SenderScheme.Srs0, "jane@shop.example")]
    [InlineData("SRS0=Xk2v=7Q=shop.example=jane=doe+x@fwd.example", SenderScheme.Srs0, "jane=doe+x@shop.example")]
    [InlineData("SRS1=aB3d=fwd.example==Xk2v=7Q=shop.example=jane@third.example", SenderScheme.Srs1, "jane@shop.example")]
    [InlineData("SRS1+aB3d=fwd.example=+Xk2v=7Q=shop.example=jane@third.example", SenderScheme.Srs1, "jane@shop.example")]
    [InlineData("SRS1=aB3d=fwd.example=-Xk2v=7Q=shop.example=jane@third.example", SenderScheme.Srs1, "jane@shop.example")]
    [InlineData("SRS0=Xk2v=7Q=shop.example=prvs=1234abcdef=jane@fwd.example", SenderScheme.Srs0, "jane@shop.example")]
    [InlineData("SRS0=a=b=two.example=SRS0=Xk2v=7Q=shop.example=jane@fwd.example", SenderScheme.Srs0, "jane@shop.example")]
    [InlineData("prvs=1234abcdef=jane@shop.example", SenderScheme.Batv, "jane@shop.example")]
    [InlineData("PRVS=1234ABCDEF=Jane@shop.example", SenderScheme.Batv, "Jane@shop.example")]
    [InlineData("prvs=jane=1234abcdef@shop.example", SenderScheme.Batv, "jane@shop.example")]
    [InlineData("btv1==1234abcd==jane@shop.example", SenderScheme.Batv, "jane@shop.example")]
    public void The_sender_under_srs_and_batv_is_found(string address, SenderScheme scheme, string original)
    {
        Assert.True(RewrittenSender.TryRead(address, out var rewritten));
        Assert.Equal(new RewrittenSender(scheme, original, null), rewritten);
        Assert.Equal(original, RewrittenSender.OriginalOf(address));
    }

    [Theory]
    [InlineData("news-bounces+jane=mail.example@lists.example", "news-bounces@lists.example", "jane@mail.example")]
    [InlineData("bounce+74c7d8.ab-jane=mail.example@mg.example", "bounce@mg.example", "jane@mail.example")]
    [InlineData("bounces-4711-jane=mail.example@send.example", "bounces-4711@send.example", "jane@mail.example")]
    public void Verp_names_the_list_and_the_recipient_and_is_no_other_sender(string address, string original, string recipient)
    {
        Assert.True(RewrittenSender.TryRead(address, out var rewritten));
        Assert.Equal(new RewrittenSender(SenderScheme.Verp, original, recipient), rewritten);
        Assert.Equal(address, RewrittenSender.OriginalOf(address));
    }

    [Theory]
    [InlineData("")]
    [InlineData("jane@shop.example")]
    [InlineData("jane+tag@shop.example")]
    [InlineData("SRS0@shop.example")]
    [InlineData("SRS0=Xk2v=7Q=shop.example@fwd.example")]
    [InlineData("SRS0==7Q=shop.example=jane@fwd.example")]
    [InlineData("SRS0=Xk2v=7Q=not a domain=jane@fwd.example")]
    [InlineData("SRS2=Xk2v=7Q=shop.example=jane@fwd.example")]
    [InlineData("SRS1=aB3d=fwd.example=Xk2v=7Q=shop.example=jane@third.example")]
    [InlineData("srsly=fun@shop.example")]
    [InlineData("prvs=jane@shop.example")]
    [InlineData("a=b@shop.example")]
    [InlineData("news+x=y@shop.example")]
    [InlineData("+jane=mail.example@shop.example")]
    public void What_is_not_rewritten_stays_as_it_is(string address)
    {
        Assert.False(RewrittenSender.TryRead(address, out _));
        Assert.Equal(address, RewrittenSender.OriginalOf(address));
    }

    [Fact]
    public void Reading_never_throws_and_finds_only_valid_addresses() => Prop.ForAll(
        Gen.Elements("SRS0", "SRS1", "=", "+", "-", "prvs=", "btv1==", "1234abcdef", "a.example", "@", "jane", "\u00fc", "\"", " ").ListOf()
            .Select(string.Concat).ToArbitrary(),
        address =>
        {
            if (RewrittenSender.TryRead(address, out var rewritten))
            {
                Assert.True(EmailAddress.TryParse(rewritten.Original, out _));
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
}
