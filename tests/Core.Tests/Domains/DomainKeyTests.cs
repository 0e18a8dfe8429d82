using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Domains;
using Smtpy.Mail.Dkim;

namespace Smtpy.Core.Tests.Domains;

public sealed class DomainKeysOnSqliteTests() : DomainKeyTests(DatabaseKind.Sqlite);

public sealed class DomainKeysOnPostgresTests() : DomainKeyTests(DatabaseKind.Postgres);

public abstract class DomainKeyTests(DatabaseKind kind) : IAsyncLifetime
{
    private SigningWorld _world = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _world = await SigningWorld.CreateAsync(kind);

    public async ValueTask DisposeAsync()
    {
        await _world.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task The_first_pair_is_made_once_and_its_RSA_key_signs_at_once()
    {
        Assert.Empty(await _world.SelectorsAsync());
        var made = (await _world.Ensure.RunAsync(SigningWorld.Domain, Cancellation)).Value!;
        var again = (await _world.Ensure.RunAsync(SigningWorld.Domain, Cancellation)).Value!;
        Assert.Equal(["s1r", "s1e"], made.Keys.Select(static k => k.Selector));
        Assert.Equal(made.Keys.Select(static k => k.PublicKey), again.Keys.Select(static k => k.PublicKey));
        Assert.Equal([DomainKeyState.Active, DomainKeyState.Pending], made.Keys.Select(k => k.StateAt(_world.Database.Time.GetUtcNow(), _world.Options)));
        var key = Assert.Single(await _world.Ring.FindAsync(SigningWorld.Domain, Cancellation));
        Assert.Equal((SignatureAlgorithm.RsaSha256, made.Keys[0].PublicKey), (key.Key.Algorithm, key.Key.PublicText));
        Assert.Equal(made.Keys[0].ToPublish(), key.Published);
    }

    [Fact]
    public async Task Of_several_that_make_the_first_pair_at_once_all_get_the_same()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => _world.Ensure.RunAsync(SigningWorld.Domain, Cancellation))));
        Assert.All(results, static result => Assert.True(result.Succeeded, result.Problem?.Message));
        Assert.Single(results.Select(static result => string.Join(' ', result.Value!.Keys.Select(static k => k.PublicKey))).Distinct());
        Assert.Equal(2, _world.Database.Scalar("SELECT count(*) FROM signing_keys"));
    }

    [Fact]
    public async Task The_host_name_has_keys_of_its_own_and_any_spelling_finds_them()
    {
        await _world.Ensure.RunAsync(SigningWorld.Host, Cancellation);
        Assert.Equal(2, (await _world.List.RunAsync("MX.host.test.", Cancellation)).Value!.Keys.Count);
        Assert.Empty((await _world.List.RunAsync("Alias.TEST", Cancellation)).Value!.Keys);
        Assert.Equal(ProblemKind.NotFound, (await _world.List.RunAsync("other.test", Cancellation)).Problem!.Kind);
        Assert.Equal(ProblemKind.NotFound, (await _world.Rotate.RunAsync("two words", false, Cancellation)).Problem!.Kind);
    }

    [Fact]
    public async Task Open_keys_are_shared_and_stay_open_when_something_else_changes()
    {
        await _world.Ensure.RunAsync(SigningWorld.Domain, Cancellation);
        var first = (await _world.Ring.FindAsync(SigningWorld.Domain, Cancellation))[0];
        await _world.Database.AddAliasAsync("shop@alias.test", "jane@mail.test");
        var after = (await _world.Ring.FindAsync(SigningWorld.Domain, Cancellation))[0];
        Assert.Same(first, after);
        var lookup = _world.Ring.FindAsync(SigningWorld.Domain, Cancellation);
        Assert.True(lookup.IsCompletedSuccessfully);
        Assert.Same(first, (await lookup)[0]);
    }

    [Fact]
    public async Task A_rotation_waits_and_asking_twice_changes_nothing()
    {
        await _world.Ensure.RunAsync(SigningWorld.Domain, Cancellation);
        var rotated = (await _world.Rotate.RunAsync(SigningWorld.Domain, false, Cancellation)).Value!;
        var again = (await _world.Rotate.RunAsync(SigningWorld.Domain, false, Cancellation)).Value!;
        Assert.Equal(["s2r", "s2e", "s1r", "s1e"], rotated.Keys.Select(static k => k.Selector));
        Assert.Equal(rotated.Keys.Select(static k => k.PublicKey), again.Keys.Select(static k => k.PublicKey));
        // s1e has never signed: nothing under way needs it.
        Assert.Equal(
            [DomainKeyState.Pending, DomainKeyState.Pending, DomainKeyState.Active, DomainKeyState.Removable],
            again.Keys.Select(k => k.StateAt(_world.Database.Time.GetUtcNow(), _world.Options)));
        Assert.Equal(["s1r"], await _world.SelectorsAsync());
    }

    [Fact]
    public async Task With_force_the_new_pair_signs_at_once()
    {
        await _world.Ensure.RunAsync(SigningWorld.Domain, Cancellation);
        await _world.Rotate.RunAsync(SigningWorld.Domain, false, Cancellation);
        await _world.Rotate.RunAsync(SigningWorld.Domain, true, Cancellation);
        Assert.Equal(["s2r", "s2e"], await _world.SelectorsAsync());
    }

    [Fact]
    public async Task A_name_without_keys_gets_some_by_rotation()
    {
        await _world.Rotate.RunAsync(SigningWorld.Domain, false, Cancellation);
        Assert.Equal(["s1r"], await _world.SelectorsAsync());
    }

    [Fact]
    public async Task Keys_of_another_secret_do_not_sign_and_somebody_notices()
    {
        await _world.Ensure.RunAsync(SigningWorld.Domain, Cancellation);
        _world.Use("another secret of some length");
        Assert.Empty(await _world.SelectorsAsync());
        Assert.Empty(await _world.SelectorsAsync());
        var fault = Assert.Single(_world.Faults.All);
        Assert.Contains("s1r of alias.test", fault, StringComparison.Ordinal);
        Assert.Contains("smtpy domain rotate alias.test", fault, StringComparison.Ordinal);
        // Asked twice within the minute, warned once.
        Assert.Contains(fault, Assert.Single(_world.Log), StringComparison.Ordinal);

        await _world.Rotate.RunAsync(SigningWorld.Domain, true, Cancellation);
        Assert.Equal(["s2r", "s2e"], await _world.SelectorsAsync());
        Assert.Empty(_world.Faults.All);
    }

    [Fact]
    public async Task A_pair_that_waits_and_cannot_be_opened_is_replaced_by_rotation()
    {
        await _world.Ensure.RunAsync(SigningWorld.Domain, Cancellation);
        await _world.Rotate.RunAsync(SigningWorld.Domain, false, Cancellation);
        _world.Use("another secret of some length");
        var rotated = (await _world.Rotate.RunAsync(SigningWorld.Domain, false, Cancellation)).Value!;
        Assert.Equal(["s3r", "s3e"], rotated.Keys.Where(static k => k.IsPending).Select(static k => k.Selector));
    }

    [Fact]
    public async Task A_sealed_key_moved_to_another_domain_does_not_open()
    {
        await _world.Ensure.RunAsync(SigningWorld.Domain, Cancellation);
        _world.Database.Execute("UPDATE signing_keys SET domain_name = 'other.test'");
        Assert.Empty(await _world.SelectorsAsync("other.test"));
        Assert.Single(_world.Faults.All);
    }

    [Fact]
    public async Task No_private_key_stands_in_the_database()
    {
        await _world.Ensure.RunAsync(SigningWorld.Domain, Cancellation);
        await using var context = _world.Database.Contexts.CreateDbContext();
        foreach (var key in await context.SigningKeys.ToListAsync(Cancellation))
        {
            Assert.True(key.SealedPrivateKey.AsSpan().IndexOf("PRIVATE KEY"u8) < 0);
        }
    }

    [Fact]
    public async Task Retired_keys_are_kept_published_then_removable_then_forgotten()
    {
        await _world.Ensure.RunAsync(SigningWorld.Domain, Cancellation);
        await _world.Rotate.RunAsync(SigningWorld.Domain, true, Cancellation);
        var (time, options) = (_world.Database.Time, _world.Options);
        Assert.Equal(DomainKeyState.Retired, await StateAsync("s1r"));
        time.Advance(options.KeepPublished - TimeSpan.FromMinutes(1));
        Assert.Equal(DomainKeyState.Retired, await StateAsync("s1r"));
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(DomainKeyState.Removable, await StateAsync("s1r"));
        Assert.Equal(0, await _world.Forget.RunAsync(Cancellation));
        time.Advance(options.KeepRetired);
        Assert.Equal(2, await _world.Forget.RunAsync(Cancellation));
        Assert.Equal(["s2r", "s2e"], (await _world.List.RunAsync(SigningWorld.Domain, Cancellation)).Value!.Keys.Select(static k => k.Selector));
    }

    [Fact]
    public async Task A_domain_that_comes_back_gets_other_selectors_than_it_had()
    {
        await _world.Ensure.RunAsync(SigningWorld.Domain, Cancellation);
        await _world.Ensure.RunAsync(SigningWorld.Host, Cancellation);
        Assert.True((await new DeleteDomain(_world.Database.Contexts).RunAsync(SigningWorld.Domain, Cancellation)).Succeeded);
        await _world.Forget.RunAsync(Cancellation);
        Assert.Empty(await _world.SelectorsAsync());
        Assert.Equal(["s1r"], await _world.SelectorsAsync(SigningWorld.Host));
        await _world.Database.AddVerifiedDomainAsync(SigningWorld.Domain, "owner@home.test");
        await _world.Ensure.RunAsync(SigningWorld.Domain, Cancellation);
        Assert.Equal(["s2r"], await _world.SelectorsAsync());
    }

    private async Task<DomainKeyState> StateAsync(string selector) =>
        (await _world.List.RunAsync(SigningWorld.Domain, Cancellation)).Value!.Keys.Single(k => k.Selector == selector)
        .StateAt(_world.Database.Time.GetUtcNow(), _world.Options);
}
