using Smtpy.Core.Aliases;
using Smtpy.Core.Recipients;

namespace Smtpy.Core.Tests.Recipients;

public abstract class AliasWritersTests(DatabaseKind kind) : IAsyncLifetime
{
    private TestDatabase _database = null!;
    private AliasWriters _writers = null!;
    private Guid _owner;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync(kind);
        _owner = (await _database.AddAccountAsync("owner@mailbox.test")).Id;
        await _database.AddVerifiedDomainAsync("alias.test", "owner@mailbox.test");
        await _database.AddAliasAsync("shop@alias.test", "Me@mailbox.test");
        await _database.AddAliasAsync("plain@alias.test");
        _writers = new AliasWriters(_database.Version(_database.Time), new AliasDirectoryOptions());
    }

    public ValueTask DisposeAsync()
    {
        _database.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData("shop@alias.test", "Me@mailbox.test owner@mailbox.test")]
    [InlineData("plain@alias.test", "Me@mailbox.test owner@mailbox.test spare@mailbox.test")]
    [InlineData("anything@alias.test", "Me@mailbox.test owner@mailbox.test spare@mailbox.test")]
    public async Task The_aliases_own_mailboxes_write_as_it_and_without_any_all_verified_ones(string alias, string writers)
    {
        await AddAsync("spare@mailbox.test", verified: true);
        await AddAsync("unverified@mailbox.test", verified: false);
        Assert.Equal(writers.Split(' '), (await FindAsync(alias)).Order(StringComparer.OrdinalIgnoreCase));
        Assert.Contains("ME@MAILBOX.TEST", await FindAsync(alias));
    }

    [Fact]
    public async Task A_change_is_seen_at_once()
    {
        Assert.DoesNotContain("spare@mailbox.test", await FindAsync("plain@alias.test"));
        await AddAsync("spare@mailbox.test", verified: true);
        Assert.Contains("spare@mailbox.test", await FindAsync("plain@alias.test"));
    }

    [Fact]
    public async Task Nobody_writes_as_another_accounts_alias()
    {
        var other = (await _database.AddAccountAsync("else@mailbox.test")).Id;
        Assert.Equal(["else@mailbox.test"], await _writers.FindAsync(other, "shop@alias.test", Cancellation));
    }

    private ValueTask<IReadOnlySet<string>> FindAsync(string alias) => _writers.FindAsync(_owner, alias, Cancellation);

    private async Task AddAsync(string email, bool verified)
    {
        await using var context = _database.Contexts.CreateDbContext();
        var now = _database.Time.GetUtcNow();
        context.Recipients.Add(new Recipient { AccountId = _owner, Email = email, CreatedAt = now, VerifiedAt = verified ? now : null });
        await context.SaveChangesAsync(Cancellation);
    }
}

public sealed class AliasWritersOnSqliteTests() : AliasWritersTests(DatabaseKind.Sqlite);

public sealed class AliasWritersOnPostgresTests() : AliasWritersTests(DatabaseKind.Postgres);
