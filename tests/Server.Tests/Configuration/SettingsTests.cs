using Smtpy.Core.Rules;
using Smtpy.Mail.Rewriting;
using Smtpy.Server.Configuration;
using Smtpy.Smtp.Deliver;
using Xunit;

namespace Smtpy.Server.Tests.Configuration;

public sealed class SettingsTests
{
    [Fact]
    public void With_nothing_set_the_embedded_defaults_hold()
    {
        var settings = Read();
        Assert.Equal(DeliveryMode.Capture, settings.Delivery.Mode);
        Assert.Equal("0.0.0.0:1025", settings.SmtpListen.ToString());
        Assert.Equal("0.0.0.0:1587", settings.SubmissionListen!.ToString());
        Assert.Equal("0.0.0.0:1465", settings.SubmissionsListen!.ToString());
        Assert.Equal("0.0.0.0:8000", settings.ApiListen.ToString());
        Assert.EndsWith("smtpy.db", settings.Database.Location, StringComparison.Ordinal);
        Assert.Null(settings.Delivery.Relay);
    }

    [Fact]
    public void Forwarding_is_private_signed_and_sealed_unless_it_is_said_otherwise()
    {
        var standard = Read().Forwarding;
        Assert.Equal(new MailHandlingDefaults(), standard.Handling);
        Assert.True(standard.SealsArc && standard.SignsDkim);
        var other = Read(
            ("FORWARD_MODE", "transparent"), ("FROM_FORMAT", "name-via-domain"), ("ON_DMARC_FAIL", "reject"), ("ON_SPF_FAIL", "quarantine"),
            ("DKIM_SIGN", "off"), ("ARC_SEAL", "off")).Forwarding;
        Assert.Equal(
            new MailHandlingDefaults
            {
                Mode = ForwardingMode.Transparent,
                FromFormat = DisplayNameFormat.NameViaDomain,
                OnDmarcFail = FailureAction.Reject,
                OnSpfFail = FailureAction.Quarantine,
            },
            other.Handling);
        Assert.False(other.SealsArc || other.SignsDkim);
    }

    /// <summary>Each format has a word, in the order of the numbers.</summary>
    [Theory]
    [InlineData("name-and-domain", DisplayNameFormat.NameAndDomain)]
    [InlineData("name-and-address", DisplayNameFormat.NameAndAddress)]
    [InlineData("name", DisplayNameFormat.NameOnly)]
    [InlineData("address", DisplayNameFormat.AddressOnly)]
    [InlineData("name-via-domain", DisplayNameFormat.NameViaDomain)]
    [InlineData("domain", DisplayNameFormat.DomainOnly)]
    [InlineData("name-only", DisplayNameFormat.NameOnly)]
    [InlineData("Address_Only", DisplayNameFormat.AddressOnly)]
    [InlineData("domain-only", DisplayNameFormat.DomainOnly)]
    [InlineData("none", DisplayNameFormat.None)]
    public void A_format_of_names_is_read(string word, DisplayNameFormat format) =>
        Assert.Equal(format, Read(("FROM_FORMAT", word)).Forwarding.Handling.FromFormat);

    [Fact]
    public void A_format_of_names_that_is_none_is_refused_with_those_there_are() =>
        Assert.Contains("name-only, address-only", Assert.Throws<SettingException>(() => Read(("FROM_FORMAT", "nickname"))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("off")]
    [InlineData("None")]
    public void A_submission_listener_can_be_switched_off(string value)
    {
        var settings = Read(("SUBMISSION_LISTEN", value), ("SUBMISSIONS_LISTEN", "[::1]:465"));
        Assert.Null(settings.SubmissionListen);
        Assert.Equal("[::1]:465", settings.SubmissionsListen!.ToString());
        Assert.Null(Read(("SUBMISSIONS_LISTEN", value)).SubmissionsListen);
    }

    [Fact]
    public void A_relay_alone_sets_delivery_to_relay() =>
        Assert.Equal(DeliveryMode.Relay, Read(("SMTP_RELAY", "smtp://127.0.0.1:2525")).Delivery.Mode);

    [Theory]
    [InlineData("FORWARD_MODE", "open")]
    [InlineData("ON_DMARC_FAIL", "drop")]
    [InlineData("SMTP_LISTEN", "1025")]
    [InlineData("SMTP_LISTEN", "127.0.0.1")]
    [InlineData("SMTP_LISTEN", "127.0.0.1:99999")]
    [InlineData("SUBMISSION_LISTEN", "587")]
    [InlineData("SUBMISSIONS_LISTEN", "no")]
    [InlineData("SUBMISSION_MAX_FAILURES_PER_CLIENT", "0")]
    [InlineData("SUBMISSION_MAX_FAILURES_PER_USER", "few")]
    [InlineData("API_LISTEN", "nonsense:8000")]
    [InlineData("SMTP_HOSTNAME", "not a name")]
    [InlineData("SMTP_DELIVERY", "pigeon")]
    [InlineData("SMTP_RELAY", "http://relay:25")]
    [InlineData("SMTP_RELAY", "relay:25")]
    [InlineData("SMTP_MX_PORT", "0")]
    [InlineData("SMTP_MX_PORT", "25x")]
    [InlineData("SMTP_MTA_STS", "yes")]
    [InlineData("SMTP_DANE", "enforce")]
    [InlineData("DNS_SERVER", "127.0.0.1:dns")]
    [InlineData("DATABASE_URL", "mysql://user:pass@host/db")]
    [InlineData("PUBLIC_URL", "example.org")]
    [InlineData("SMTP_PROXY_PROTOCOL", "10.0.0.0/99")]
    [InlineData("SMTP_MAX_MESSAGE_SIZE", "10MB")]
    [InlineData("SMTP_RECEIVE_MEMORY", "1000000")]
    [InlineData("LOG_LEVEL", "LOUD")]
    [InlineData("LOG_FORMAT", "xml")]
    [InlineData("DEBUG", "perhaps")]
    [InlineData("TLS_CERT", "/nowhere/cert.pem")]
    [InlineData("SECRET_KEY", "short")]
    [InlineData("RETENTION_METADATA_DAYS", "-1")]
    public void A_wrong_value_is_refused_in_one_line_that_names_it(string name, string value)
    {
        var wrong = Assert.Throws<SettingException>(() => Read((name, value)));
        Assert.StartsWith(name + "=", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("is not accepted: ", wrong.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', wrong.Message);
    }

    [Fact]
    public void A_password_in_a_wrong_value_is_not_shown()
    {
        var relay = Assert.Throws<SettingException>(() => Read(("SMTP_RELAY", "ftp://joe:hunter2@relay:25")));
        Assert.DoesNotContain("hunter2", relay.Message, StringComparison.Ordinal);
        var secret = Assert.Throws<SettingException>(() => Read(("SECRET_KEY", "hunter2")));
        Assert.DoesNotContain("hunter2", secret.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Delivery_by_relay_without_a_relay_says_which_setting_is_missing() =>
        Assert.StartsWith("SMTP_RELAY=", Assert.Throws<SettingException>(() => Read(("SMTP_DELIVERY", "relay"))).Message, StringComparison.Ordinal);

    [Fact]
    public void The_environment_wins_over_the_file_in_the_data_folder()
    {
        var folder = Directory.CreateTempSubdirectory("smtpy-settings-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(folder, "smtpy.json"), """{ "SMTP_HOSTNAME": "file.test", "SMTP_MX_PORT": 2525, }""");
            var environment = new Dictionary<string, string?> { ["SMTPY_DATA"] = folder, ["SMTP_HOSTNAME"] = "env.test" };
            var settings = Settings.Read(SettingSource.Open(environment.GetValueOrDefault));
            Assert.Equal("env.test", settings.Hostname);
            Assert.Equal(2525, settings.Delivery.MxPort);

            File.WriteAllText(Path.Combine(folder, "smtpy.json"), "{ not json");
            Assert.Throws<SettingException>(() => SettingSource.Open(environment.GetValueOrDefault));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Names_that_look_like_settings_and_are_none_are_told()
    {
        var environment = new Dictionary<string, string> { ["SMTP_HOSTNAMES"] = "x", ["SMTP_HOSTNAME"] = "mx.test", ["PATH"] = "/bin" };
        Assert.Equal(["SMTP_HOSTNAMES"], Settings.Read(SettingSource.Open(environment.GetValueOrDefault, environment.Keys)).Unused);
    }

    private static Settings Read(params (string Name, string Value)[] values) =>
        Settings.Read(new SettingReader(name => Array.Find(values, v => v.Name == name).Value));
}
