using System.Text;
using Smtpy.Mail.TlsPolicy;
using Smtpy.Tests.Support.ScriptedPeer;
using Xunit;

namespace Smtpy.Mail.Tests.TlsPolicy;

/// <summary>RFC 8460 section 4.</summary>
public sealed class TlsReportsTests : IDisposable
{
    private static readonly DateOnly FirstDay = new(2026, 1, 1);

    private readonly ManualTime _time = new();
    private readonly TlsMetrics _metrics = new();

    public void Dispose() => _metrics.Dispose();

    private static TlsSession Session(string domain, TlsResult result, string host = "mx.one.example") =>
        new(domain, TlsPolicyType.Sts, result, host, "192.0.2.1", ["version: STSv1"], ["*.one.example"]);

    [Fact]
    public void Sessions_are_counted_by_day_policy_and_result()
    {
        var reports = new TlsReports(_metrics, _time);
        reports.Count(Session("one.example", TlsResult.Success));
        reports.Count(Session("one.example", TlsResult.CertificateExpired));
        reports.Count(Session("one.example", TlsResult.CertificateExpired));
        reports.Count(Session("two.example", TlsResult.Success) with { Type = TlsPolicyType.NoPolicyFound });
        _time.Advance(TimeSpan.FromDays(1));
        reports.Count(Session("one.example", TlsResult.Success));
        var first = reports.Read(FirstDay).Single(tally => tally.Domain == "one.example");
        Assert.Equal((1L, 2L), (first.Successes, first.Failed));
        Assert.Equal((new TlsFailureKey(TlsResult.CertificateExpired, "mx.one.example", "192.0.2.1"), 2L), Assert.Single(first.Failures));
        Assert.Single(reports.Read(FirstDay.AddDays(1)));
        _time.Advance(TimeSpan.FromDays(1));
        reports.Count(Session("one.example", TlsResult.Success));
        Assert.Empty(reports.Read(FirstDay));
    }

    [Fact]
    public void Memory_is_bounded()
    {
        var reports = new TlsReports(_metrics, _time, maxPolicies: 2);
        for (var i = 0; i < 100; i++)
        {
            reports.Count(Session("one.example", TlsResult.ValidationFailure, $"mx{i}.one.example"));
            reports.Count(Session($"d{i}.example", TlsResult.Success));
        }

        var tallies = reports.Read(FirstDay);
        Assert.Equal(2, tallies.Count);
        Assert.Equal(99, reports.Dropped);
        var one = tallies.Single(tally => tally.Domain == "one.example");
        Assert.Equal(100, one.Failures.Sum(failure => failure.Count));
        Assert.Equal(TlsReports.MaxFailures + 1, one.Failures.Count);
    }

    [Fact]
    public void The_report_is_the_JSON_of_the_standard()
    {
        var tally = new TlsPolicyTally(
            "one.example", TlsPolicyType.Sts, ["version: STSv1", "mode: testing"], ["*.one.example"], 5326, 303,
            [(new TlsFailureKey(TlsResult.StarttlsNotSupported, "mx.one.example", "192.0.2.1"), 300), (new TlsFailureKey(TlsResult.StsPolicyFetchError, "", ""), 3)]);
        var json = Encoding.UTF8.GetString(TlsReportBody.Write(new TlsReportHead("Our Org", "tls@own.example", "2026-01-01_one", FirstDay), [tally]));
        Assert.Equal(
            """{"organization-name":"Our Org","date-range":{"start-datetime":"2026-01-01T00:00:00Z","end-datetime":"2026-01-01T23:59:59Z"}"""
            + ""","contact-info":"tls@own.example","report-id":"2026-01-01_one","policies":[{"policy":{"policy-type":"sts","policy-string":["version: STSv1","mode: testing"]"""
            + ""","policy-domain":"one.example","mx-host":["*.one.example"]},"summary":{"total-successful-session-count":5326,"total-failure-session-count":303}"""
            + ""","failure-details":[{"result-type":"starttls-not-supported","receiving-mx-hostname":"mx.one.example","receiving-ip":"192.0.2.1","failed-session-count":300},"""
            + """{"result-type":"sts-policy-fetch-error","failed-session-count":3}]}]}""",
            json);
    }

    [Fact]
    public void Every_result_has_the_standards_name() =>
        Assert.All(Enum.GetValues<TlsResult>(), result => Assert.Equal(result.ToString(), result.Name().Replace("-", "", StringComparison.Ordinal), ignoreCase: true));
}
