using Smtpy.Core.Rules;
using Xunit;

namespace Smtpy.Smtp.Tests.Rewrite;

public sealed class TransparentForwardingTests(ComposerFixture fixture) : IClassFixture<ComposerFixture>
{
    private const string Original =
        "Received: from mail.shop.test by mx.smtpy.test; x\r\nX-Odd:  spelt \t so\r\nDKIM-Signature: v=1; d=shop.test\r\n"
        + "From: Jane <jane@shop.test>\r\nsubject : Hi\r\nMessage-ID: <1@shop.test>\r\n\r\nbody \r\n\r\n";

    [Fact]
    public async Task The_senders_message_stands_octet_for_octet_below_our_fields()
    {
        var alias = await fixture.AddTransparentAsync();
        var sent = await fixture.SendAsync(Original, fixture.Due(alias, ComposerFixture.Judged("reject")));
        Assert.EndsWith(Original, sent.Text, StringComparison.Ordinal);
        var ours = sent.Text[..^Original.Length];
        Assert.Contains($"Delivered-To: {alias}\r\n", ours, StringComparison.Ordinal);
        Assert.Equal(
            ["arc-seal", "arc-message-signature", "arc-authentication-results", "dkim-signature", "dkim-signature", "delivered-to", "authentication-results"],
            sent.Names.Take(7));
        Assert.Equal("received", sent.Names[7]);
    }

    [Theory]
    [InlineData("reject", true, BannerPlace.Off, null, false)]
    [InlineData("none", false, BannerPlace.Off, null, false)]
    [InlineData("none", false, BannerPlace.Top, null, false)]
    [InlineData("reject", false, BannerPlace.Off, null, true)]
    [InlineData("quarantine", false, BannerPlace.Off, null, true)]
    [InlineData("reject", true, BannerPlace.Top, null, true)]
    [InlineData("reject", true, BannerPlace.Bottom, null, true)]
    [InlineData("reject", true, BannerPlace.Off, "[x] {subject}", true)]
    public async Task From_is_replaced_exactly_where_forwarding_would_fail_the_senders_dmarc(
        string policy, bool isSigned, BannerPlace banner, string? template, bool replaced)
    {
        var alias = await fixture.AddTransparentAsync(a => (a.Banner, a.SubjectTemplate) = (banner, template));
        var sent = await fixture.SendAsync(Original, fixture.Due(alias, ComposerFixture.Judged(policy, isSigned)));
        var reverse = ComposerFixture.Reverse.For(alias, "jane@shop.test", ComposerFixture.Domain);
        Assert.Equal(replaced ? $"\"Jane at shop.test\" <{reverse}>" : "Jane <jane@shop.test>", sent.Field("From"));
        Assert.Equal(replaced ? "Jane <jane@shop.test>" : null, sent.Field("Reply-To"));
        Assert.Equal(template is null ? "Hi" : "[x] Hi", sent.Field("Subject"));
        Assert.Equal("spelt \t so", sent.Field("X-Odd"));
    }

    [Fact]
    public async Task Where_nobody_is_named_in_From_the_envelope_sender_is_and_not_who_stands_in_Sender()
    {
        var alias = await fixture.AddTransparentAsync();
        var message = Original.Replace("From: Jane <jane@shop.test>", "Sender: boss@bank.test", StringComparison.Ordinal);
        Assert.NotEqual(Original, message);
        var due = fixture.Due(alias);
        var sent = await fixture.SendAsync(message, due);
        Assert.Contains(ComposerFixture.Reverse.For(alias, due.Sender, ComposerFixture.Domain), sent.Field("From"), StringComparison.Ordinal);
    }

    /// <summary>RFC 8601 section 5.</summary>
    [Fact]
    public async Task Results_under_our_name_that_came_from_outside_go()
    {
        var alias = await fixture.AddTransparentAsync();
        var forged = "Authentication-Results: MX.smtpy.test; dkim=pass header.d=bank.test\r\nAuthentication-Results: mx.shop.test; spf=pass\r\n";
        var sent = await fixture.SendAsync(forged + Original, fixture.Due(alias));
        Assert.DoesNotContain("bank.test", sent.Text, StringComparison.Ordinal);
        Assert.EndsWith("Authentication-Results: mx.shop.test; spf=pass\r\n" + Original, sent.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_belongs_to_no_account_goes_through_as_it_is()
    {
        var sent = await fixture.SendAsync(
            Original, fixture.Due("selftest-1@mx.smtpy.test", ComposerFixture.Judged("reject", isSigned: false)) with { AccountId = null });
        Assert.EndsWith(Original, sent.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(BannerPlace.Top, "This message was sent to {alias} by jane@shop.test.\r\n\r\nbody \r\n\r\n")]
    [InlineData(BannerPlace.Bottom, "body \r\n\r\n\r\nThis message was sent to {alias} by jane@shop.test.\r\n")]
    public async Task A_banner_stands_where_it_was_asked_for(BannerPlace place, string body)
    {
        var alias = await fixture.AddTransparentAsync(a => a.Banner = place);
        var sent = await fixture.SendAsync(Original, fixture.Due(alias));
        Assert.Equal(body.Replace("{alias}", alias, StringComparison.Ordinal), sent.Body);
    }
}
