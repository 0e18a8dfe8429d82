using Smtpy.Mail.Dns;
using Smtpy.Mail.TlsPolicy;
using Smtpy.Tests.Support.Dns;
using Smtpy.Tests.Support.ScriptedPeer;
using Xunit;

namespace Smtpy.Mail.Tests.TlsPolicy;

/// <summary>RFC 8461 sections 3.3 and 5.1, over a real DNS server and a real HTTPS server.</summary>
public sealed class StsPoliciesTests : IAsyncDisposable
{
    private const string Domain = "one.example";

    private readonly TestAuthority _authority = new();
    private readonly SignedDnsServer _dns = new();
    private readonly PolicyServer _web;
    private readonly ManualTime _time = new();
    private readonly TlsMetrics _metrics = new();
    private readonly MemoryTlsPolicyStore _store = new();
    private readonly StsOptions _options;
    private readonly List<StsPolicyFetcher> _fetchers = [];

    public StsPoliciesTests()
    {
        _web = new PolicyServer(_authority.Server("mta-sts." + Domain)) { Answer = PolicyServer.Policy("enforce", 86400, "mx.one.example") };
        _options = new StsOptions { Port = _web.Port, TrustedRoots = _authority.Trusted };
        _dns.Address("mta-sts." + Domain).Text("_mta-sts." + Domain, "v=STSv1; id=1;");
    }

    public async ValueTask DisposeAsync()
    {
        _fetchers.ForEach(fetcher => fetcher.Dispose());
        await _web.DisposeAsync();
        await _dns.DisposeAsync();
        _metrics.Dispose();
        _authority.Dispose();
    }

    private StsPolicies Policies(StsOptions? options = null)
    {
        var resolver = new DnsMailResolver(new MailResolverOptions { Server = _dns.EndPoint }, _time);
        var fetcher = new StsPolicyFetcher(resolver, options ?? _options, _time);
        _fetchers.Add(fetcher);
        return new StsPolicies(resolver, fetcher, _store, options ?? _options, _metrics, _time);
    }

    private static Task<StsFinding> FindAsync(StsPolicies policies, string domain = Domain) =>
        policies.FindAsync(domain, TestContext.Current.CancellationToken);

    [Fact]
    public async Task A_policy_is_fetched_once_for_all_who_ask_at_a_time()
    {
        var policies = Policies();
        var found = await Task.WhenAll(FindAsync(policies), FindAsync(policies, "ONE.example"), FindAsync(policies));
        Assert.All(found, finding => Assert.Equal((StsMode.Enforce, null), (finding.Policy!.Mode, finding.Problem)));
        Assert.Equal("GET /.well-known/mta-sts.txt HTTP/1.1", Assert.Single(_web.Requests));
    }

    [Fact]
    public async Task A_domain_without_a_record_has_no_policy_and_is_asked_again_later()
    {
        var policies = Policies();
        Assert.Equal(default, (await FindAsync(policies, "none.example")) with { Reason = null });
        await FindAsync(policies, "none.example");
        Assert.Single(_dns.Questions, "_mta-sts.none.example 16");
        _time.Advance(_options.CheckInterval);
        await FindAsync(policies, "none.example");
        Assert.Equal(2, _dns.Questions.Count(question => question == "_mta-sts.none.example 16"));
        Assert.Empty(_web.Requests);
    }

    [Fact]
    public async Task A_new_id_brings_the_new_policy_and_the_same_id_does_not()
    {
        var policies = Policies();
        await FindAsync(policies);
        _web.Answer = PolicyServer.Policy("testing", 86400, "mx.one.example");
        _time.Advance(_options.CheckInterval);
        Assert.Equal(StsMode.Enforce, (await FindAsync(policies)).Policy!.Mode);
        _dns.NewText("_mta-sts." + Domain, "v=STSv1; id=2;");
        _time.Advance(_options.CheckInterval);
        Assert.Equal(StsMode.Testing, (await FindAsync(policies)).Policy!.Mode);
    }

    [Theory]
    [InlineData("dns")]
    [InlineData("record")]
    [InlineData("web")]
    public async Task A_policy_holds_until_it_expires_whatever_fails_meanwhile(string failing)
    {
        var policies = Policies();
        await FindAsync(policies);
        switch (failing)
        {
            case "dns":
                _dns.Broken("_mta-sts." + Domain);
                break;
            case "record":
                _dns.NewText("_mta-sts." + Domain, "nothing of the kind");
                break;
            case "web":
                _dns.NewText("_mta-sts." + Domain, "v=STSv1; id=2;");
                _web.Answer = "HTTP/1.1 500 no\r\nContent-Length: 0\r\n\r\n";
                break;
        }

        _time.Advance(TimeSpan.FromHours(23));
        var late = await FindAsync(policies);
        Assert.Equal(StsMode.Enforce, late.Policy!.Mode);
        Assert.Equal(failing == "web" ? TlsResult.StsPolicyFetchError : null, late.Problem);
        _time.Advance(TimeSpan.FromHours(2));
        Assert.Null((await FindAsync(policies)).Policy);
    }

    [Fact]
    public async Task A_policy_survives_a_restart_in_its_store()
    {
        await FindAsync(Policies());
        _dns.Broken("_mta-sts." + Domain);
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(StsMode.Enforce, (await FindAsync(Policies())).Policy!.Mode);
        _time.Advance(TimeSpan.FromHours(24));
        Assert.Null((await FindAsync(Policies())).Policy);
    }

    [Fact]
    public async Task Policies_are_fetched_anew_in_the_background_before_they_expire_and_kept_when_that_fails()
    {
        var policies = Policies();
        await FindAsync(policies);
        var cancelled = TestContext.Current.CancellationToken;
        Assert.Equal(0, await policies.RefreshAsync(cancelled));
        _time.Advance(TimeSpan.FromHours(12));
        _web.Answer = "HTTP/1.1 404 no\r\nContent-Length: 0\r\n\r\n";
        Assert.Equal(1, await policies.RefreshAsync(cancelled));
        Assert.Equal(0, await policies.RefreshAsync(cancelled));
        Assert.Equal(StsMode.Enforce, (await FindAsync(policies)).Policy!.Mode);
        _time.Advance(_options.RetryInterval);
        _web.Answer = PolicyServer.Policy("none", 86400);
        Assert.Equal(1, await policies.RefreshAsync(cancelled));
        Assert.Equal(StsMode.None, (await FindAsync(policies)).Policy!.Mode);
    }

    [Fact]
    public async Task Memory_is_bounded_and_what_fell_out_is_found_again_in_the_store()
    {
        var policies = Policies(_options with { CacheEntries = 3 });
        await FindAsync(policies);
        for (var i = 0; i < 20; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await FindAsync(policies, $"other{i}.example");
        }

        Assert.InRange(policies.Count, 1, 3);
        _dns.Broken("_mta-sts." + Domain);
        Assert.NotNull((await FindAsync(policies)).Policy);
        Assert.Single(_web.Requests);
    }

    public static TheoryData<string, TlsResult> Answers => new()
    {
        { "HTTP/1.1 404 no\r\nContent-Length: 0\r\n\r\n", TlsResult.StsPolicyFetchError },
        { "HTTP/1.1 301 moved\r\nLocation: https://mta-sts.one.example/other\r\nContent-Length: 0\r\n\r\n", TlsResult.StsPolicyFetchError },
        { "nonsense\r\n\r\n", TlsResult.StsPolicyFetchError },
        { "", TlsResult.StsPolicyFetchError },
        { "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\nversion", TlsResult.StsPolicyFetchError },
        { PolicyServer.Found("version: STSv1\nmode: none\nmax_age: 5", "text/html"), TlsResult.StsPolicyInvalid },
        { PolicyServer.Found("<html></html>"), TlsResult.StsPolicyInvalid },
        { PolicyServer.Found("version: STSv1\nmode: none\nmax_age: 5\n" + new string('\n', 64 * 1024)), TlsResult.StsPolicyInvalid },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task What_is_no_policy_on_the_web_server_is_a_reason_and_no_policy(string answer, TlsResult problem)
    {
        _web.Answer = answer;
        var found = await FindAsync(Policies());
        Assert.Equal((null, problem), (found.Policy, found.Problem));
        Assert.NotEqual("", found.Reason);

        // A connection that is closed without an answer is tried again by HttpClient, up to three times.
        Assert.InRange(_web.Requests.Count, 1, answer.Length == 0 ? 4 : 1);
    }

    [Theory]
    [InlineData("mta-sts.two.example", false)]
    [InlineData("mta-sts.one.example", true)]
    public async Task The_web_server_must_have_a_certificate_for_the_policy_host(string name, bool expired)
    {
        await using var web = new PolicyServer(_authority.Server(name, expired)) { Answer = _web.Answer };
        var found = await FindAsync(Policies(_options with { Port = web.Port }));
        Assert.Equal((null, TlsResult.StsWebpkiInvalid), (found.Policy, found.Problem));
        Assert.Equal(TlsResult.StsWebpkiInvalid, (await FindAsync(Policies(new StsOptions { Port = _web.Port }))).Problem);
    }

    [Fact]
    public async Task A_web_server_that_does_not_answer_or_is_not_there_is_waited_for_no_longer_than_the_limit()
    {
        var hold = new TaskCompletionSource();
        _web.BeforeAnswer = () => hold.Task;
        var finding = FindAsync(Policies());
        await _time.AdvanceUntilAsync(finding, TimeSpan.FromSeconds(10));
        Assert.Equal(TlsResult.StsPolicyFetchError, (await finding).Problem);
        hold.SetResult();
        _dns.Text("_mta-sts.two.example", "v=STSv1; id=1;");
        Assert.Equal(TlsResult.StsPolicyFetchError, (await FindAsync(Policies(), "two.example")).Problem);
    }
}
