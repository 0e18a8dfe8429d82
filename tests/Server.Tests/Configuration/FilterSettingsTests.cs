using Smtpy.Core.Rules;
using Smtpy.Server.Configuration;
using Xunit;

namespace Smtpy.Server.Tests.Configuration;

public sealed class FilterSettingsTests
{
    [Fact]
    public void By_default_nothing_outside_is_asked_and_forged_mail_is_quarantined()
    {
        var settings = Read();
        Assert.Null(settings.Rspamd);
        Assert.Empty(settings.Clients.BlockLists);
        Assert.False(settings.Clients.Greylists);
        Assert.Equal(TimeSpan.Zero, settings.FirstSenderDelay);
        Assert.Equal(["google.com", "microsoft.com"], settings.TrustedSealers);
    }

    [Fact]
    public void Every_setting_is_read()
    {
        var settings = Read(
            ("TRUSTED_ARC_SEALERS", "Lists.Example, b\u00fccher.example"),
            ("RSPAMD_URL", "http://rspamd:11333/base"), ("RSPAMD_PASSWORD", "secret"), ("RSPAMD_TIMEOUT", "3"), ("RSPAMD_HOLD_SCORE", "6.5"),
            ("RSPAMD_REJECT_ACTION", "quarantine"), ("DNSBL", "zen.bl.example"), ("GREYLIST", "on"), ("GREYLIST_DELAY", "60"),
            ("FIRST_SENDER_DELAY", "10"));
        Assert.Equal(["lists.example", "xn--bcher-kva.example"], settings.TrustedSealers);
        Assert.Equal(("http://rspamd:11333/base/", "secret", 3), (settings.Rspamd!.Url.ToString(), settings.Rspamd.Password, settings.Rspamd.TimeLimit.Seconds));
        Assert.Equal((6.5, FailureAction.Quarantine), (settings.Spam.HoldScore, settings.Spam.OnReject));
        Assert.Equal(["zen.bl.example"], settings.Clients.BlockLists);
        Assert.True(settings.Clients.Greylists);
        Assert.Equal((60, 10), ((int)settings.Clients.GreylistDelay.TotalSeconds, (int)settings.FirstSenderDelay.TotalSeconds));
    }

    [Fact]
    public void None_trusts_no_sealer() => Assert.Empty(Read(("TRUSTED_ARC_SEALERS", "none")).TrustedSealers);

    [Theory]
    [InlineData("TRUSTED_ARC_SEALERS", "not a domain!")]
    [InlineData("RSPAMD_URL", "127.0.0.1:11333")]
    [InlineData("RSPAMD_HOLD_SCORE", "-1")]
    [InlineData("RSPAMD_HOLD_SCORE", "much")]
    [InlineData("DNSBL", "-.example")]
    [InlineData("GREYLIST", "grey")]
    [InlineData("FIRST_SENDER_DELAY", "121")]
    public void A_wrong_value_is_named(string name, string value)
    {
        var all = name.StartsWith("RSPAMD_", StringComparison.Ordinal) && name != "RSPAMD_URL" ? new[] { (name, value), ("RSPAMD_URL", "http://r:1") } : [(name, value)];
        Assert.Contains(name, Assert.Throws<SettingException>(() => Read(all)).Message, StringComparison.Ordinal);
    }

    private static FilterSettings Read(params (string Name, string Value)[] given) =>
        FilterSettings.Read(new SettingReader(name => Array.Find(given, setting => setting.Name == name).Value));
}
