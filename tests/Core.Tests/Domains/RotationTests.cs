using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Domains;
using Smtpy.Mail.Dkim;
using Smtpy.Tests.Support;

namespace Smtpy.Core.Tests.Domains;

public sealed class RotationOnSqliteTests() : RotationTests(DatabaseKind.Sqlite);

public sealed class RotationOnPostgresTests() : RotationTests(DatabaseKind.Postgres);

/// <summary>How what DNS carries decides what signs.</summary>
public abstract class RotationTests(DatabaseKind kind) : IAsyncLifetime
{
    private SigningWorld _world = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _world = await SigningWorld.CreateAsync(kind);

    public async ValueTask DisposeAsync()
    {
        await _world.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Every step that operator and program take, in an order that is bad for it; a message is signed and verified after each.</summary>
    [Fact]
    public async Task Through_a_rotation_every_signature_finds_its_key()
    {
        await _world.Ensure.RunAsync(SigningWorld.Domain, Cancellation);
        await _world.PublishAsync("s1r");
        await VerifiesAsync("s1r");
        await ExamineAsync();
        await VerifiesAsync("s1r");
        await _world.PublishAsync("s1e");
        await VerifiesAsync("s1r");
        await ExamineAsync();
        await VerifiesAsync("s1r", "s1e");

        await _world.Rotate.RunAsync(SigningWorld.Domain, false, Cancellation);
        await VerifiesAsync("s1r", "s1e");
        await ExamineAsync();
        await VerifiesAsync("s1r", "s1e");
        await _world.PublishAsync("s2e");
        await VerifiesAsync("s1r", "s1e");
        await ExamineAsync();
        await VerifiesAsync("s1r", "s2e");
        _world.Dns.Silent("s2r._domainkey.alias.test");
        _world.DnsPatience = TimeSpan.FromSeconds(1);
        await _world.PublishAsync("s2r");
        await ExamineAsync();
        _world.DnsPatience = Until.Patience;
        await VerifiesAsync("s1r", "s2e");
        _world.Dns.Repair("s2r._domainkey.alias.test");
        await ExamineAsync();
        await VerifiesAsync("s2r", "s2e");
        await ExamineAsync();
        await VerifiesAsync("s2r", "s2e");
    }

    [Fact]
    public async Task A_domain_knows_when_its_mail_comes_here_and_its_signatures_can_be_verified()
    {
        await _world.Ensure.RunAsync(SigningWorld.Domain, Cancellation);
        await ExamineAsync();
        Assert.Equal((null, null), await SeenAsync());
        _world.Dns.Mx(SigningWorld.Domain, 10, SigningWorld.Host);
        await _world.PublishAsync("s1r");
        await ExamineAsync();
        var now = _world.Database.Time.GetUtcNow();
        Assert.Equal((now, now), await SeenAsync());

        _world.Database.Time.Advance(TimeSpan.FromHours(1));
        _world.Dns.Broken(SigningWorld.Domain).Broken("s1r._domainkey.alias.test");
        await ExamineAsync();
        Assert.Equal((now, now), await SeenAsync());
        _world.Dns.Code(SigningWorld.Domain, 3).Code("s1r._domainkey.alias.test", 3);
        await _world.Examine.LookAsync(SigningWorld.Domain, Cancellation);
        Assert.Equal((now, now), await SeenAsync());
    }

    [Fact]
    public async Task Who_asks_is_told_at_once_that_a_record_is_gone()
    {
        await ReadyAsync();
        var key = (await _world.List.RunAsync(SigningWorld.Domain, Cancellation)).Value!.Keys.Single(static k => k.Selector == "s1r").ToPublish();
        _world.Dns.Txt(key.RecordName, "v=DKIM1; p=");
        await ExamineAsync();
        var (exchanger, signing) = await SeenAsync();
        Assert.NotNull(exchanger);
        Assert.Null(signing);
    }

    [Fact]
    public async Task Upkeep_makes_what_is_missing_for_verified_domains_and_the_host()
    {
        await new AddDomain(_world.Database.Contexts, _world.Database.Time).RunAsync("claimed.test", "owner@home.test", Cancellation);
        await _world.Upkeep().RunRoundAsync(Cancellation);
        Assert.Equal(["s1r"], await _world.SelectorsAsync());
        Assert.Equal(["s1r"], await _world.SelectorsAsync(SigningWorld.Host));
        Assert.Empty(await _world.SelectorsAsync("claimed.test"));
    }

    [Fact]
    public async Task Upkeep_lets_a_key_sign_when_its_record_is_there()
    {
        await ReadyAsync();
        await _world.Rotate.RunAsync(SigningWorld.Domain, false, Cancellation);
        using var one = _world.Upkeep();
        using var another = _world.Upkeep();
        await one.RunRoundAsync(Cancellation);
        Assert.Equal(["s1r"], await _world.SelectorsAsync());
        await _world.PublishAsync("s2r");
        await _world.PublishAsync("s2e");
        await Task.WhenAll(one.RunRoundAsync(Cancellation), another.RunRoundAsync(Cancellation));
        Assert.Equal(["s2r", "s2e"], await _world.SelectorsAsync());
        Assert.NotNull((await SeenAsync()).Signing);
    }

    [Fact]
    public async Task Upkeep_believes_only_the_third_answer_in_a_row_that_a_record_is_gone()
    {
        await ReadyAsync();
        using var upkeep = _world.Upkeep();
        _world.Dns.Code("s1r._domainkey.alias.test", 3);
        await upkeep.RunRoundAsync(Cancellation);
        await upkeep.RunRoundAsync(Cancellation);
        Assert.NotNull((await SeenAsync()).Signing);
        _world.Dns.Repair("s1r._domainkey.alias.test");
        await upkeep.RunRoundAsync(Cancellation);

        // No answer neither counts nor begins the count anew.
        _world.Dns.Txt("s1r._domainkey.alias.test", "v=DKIM1; p=");
        await upkeep.RunRoundAsync(Cancellation);
        await upkeep.RunRoundAsync(Cancellation);
        _world.Dns.Broken("s1r._domainkey.alias.test");
        await upkeep.RunRoundAsync(Cancellation);
        Assert.NotNull((await SeenAsync()).Signing);
        _world.Dns.Repair("s1r._domainkey.alias.test");
        await upkeep.RunRoundAsync(Cancellation);
        Assert.Null((await SeenAsync()).Signing);
        Assert.NotNull((await SeenAsync()).Exchanger);
    }

    [Fact]
    public async Task Upkeep_of_a_domain_that_is_well_changes_nothing_that_lookups_rest_on()
    {
        await ReadyAsync();
        using var upkeep = _world.Upkeep();
        await upkeep.RunRoundAsync(Cancellation);
        var version = _world.Database.Scalar("SELECT value FROM counters WHERE name = 'routing_version'");
        _world.Database.Time.Advance(TimeSpan.FromHours(1));
        await upkeep.RunRoundAsync(Cancellation);
        Assert.Equal(version, _world.Database.Scalar("SELECT value FROM counters WHERE name = 'routing_version'"));
        _world.Database.Time.Advance(_world.Options.SeenPrecision);
        await upkeep.RunRoundAsync(Cancellation);
        Assert.Equal(_world.Database.Time.GetUtcNow(), (await SeenAsync()).Signing);
    }

    private async Task ReadyAsync()
    {
        await _world.Ensure.RunAsync(SigningWorld.Domain, Cancellation);
        _world.Dns.Mx(SigningWorld.Domain, 10, SigningWorld.Host);
        await _world.PublishAsync("s1r");
        await ExamineAsync();
    }

    private async Task ExamineAsync() => Assert.True((await _world.Examine.RunAsync(SigningWorld.Domain, Cancellation)).Succeeded);

    private async Task VerifiesAsync(params string[] selectors)
    {
        var results = await _world.SignAndVerifyAsync();
        Assert.Equal(selectors, results.Select(static r => r.Selector));
        Assert.All(results, static r => Assert.Equal((DkimVerdict.Pass, ""), (r.Verdict, r.Reason)));
    }

    private async Task<(DateTimeOffset? Exchanger, DateTimeOffset? Signing)> SeenAsync()
    {
        await using var context = _world.Database.Contexts.CreateDbContext();
        var domain = await context.Domains.SingleAsync(static d => d.Name == SigningWorld.Domain, Cancellation);
        return (domain.ExchangerSeenAt, domain.SigningSeenAt);
    }
}
