using System.Text;
using Smtpy.Core.Accounts;
using Smtpy.Core.Aliases;

namespace Smtpy.Core.Tests.Accounts;

/// <summary>Passwords of the submission listener from their making to the sign-in.</summary>
public abstract class SmtpPasswordTests(DatabaseKind kind) : IAsyncLifetime
{
    private TestDatabase _database = null!;
    private CreateSmtpPassword _create = null!;
    private SubmissionCredentials _credentials = null!;
    private Account _owner = null!;
    private Alias _alias = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync(kind);
        _owner = await _database.AddAccountAsync("owner@mailbox.test");
        await _database.AddVerifiedDomainAsync("alias.test", "owner@mailbox.test");
        _alias = await _database.AddAliasAsync("shop@alias.test", "owner@mailbox.test");
        _create = new CreateSmtpPassword(_database.Contexts, _database.Time);
        _credentials = new SubmissionCredentials(_database.Version(TimeProvider.System));
    }

    public ValueTask DisposeAsync()
    {
        _database.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task An_aliass_password_signs_in_as_the_alias_in_any_case()
    {
        var made = (await _create.ForAliasAsync(_alias.Address, Cancellation)).Value!;
        var user = await _credentials.FindAsync("Shop@ALIAS.test", Cancellation);
        Assert.True(user!.Credentials.Verify(Encoding.UTF8.GetBytes(made.Password)));
        Assert.False(user.Credentials.Verify(Encoding.UTF8.GetBytes(made.Password[..^1])));
        Assert.Equal(new Submitter(_owner.Id, _alias.Id, "shop@alias.test"), user.Account);
    }

    [Fact]
    public async Task An_accounts_password_signs_in_as_the_account()
    {
        var made = (await _create.ForAccountAsync("Owner@Mailbox.TEST", Cancellation)).Value!;
        var user = await _credentials.FindAsync("owner@mailbox.test", Cancellation);
        Assert.True(user!.Credentials.Verify(Encoding.UTF8.GetBytes(made.Password)));
        Assert.Equal(new Submitter(_owner.Id, null, "owner@mailbox.test"), user.Account);
        Assert.Null(await _credentials.FindAsync("shop@alias.test", Cancellation));
    }

    [Fact]
    public async Task Nothing_stored_is_the_password()
    {
        var made = (await _create.ForAccountAsync(_owner.Id, Cancellation)).Value!;
        Assert.Equal(32, made.Password.Length);
        Assert.Equal(32, made.Password.Distinct().Concat("abcdefghijkmnpqrstuvwxyz23456789").Distinct().Count());
        Assert.NotEqual(made.Password, (await _create.ForAliasAsync(_alias.Address, Cancellation)).Value!.Password);
        Assert.DoesNotContain(made.Password, Encoding.Latin1.GetString(made.Credential.StoredKey), StringComparison.Ordinal);
        Assert.Equal(Smtpy.Mail.Server.Sasl.ScramCredentials.DefaultIterations, made.Credential.Iterations);
    }

    [Fact]
    public async Task A_new_password_takes_the_old_ones_place()
    {
        var old = (await _create.ForAliasAsync(_alias.Address, Cancellation)).Value!;
        var renewed = (await _create.ForAliasAsync(_alias.Address, Cancellation)).Value!;
        Assert.Equal(old.Credential.Id, renewed.Credential.Id);
        var user = await _credentials.FindAsync("shop@alias.test", Cancellation);
        Assert.False(user!.Credentials.Verify(Encoding.UTF8.GetBytes(old.Password)));
        Assert.True(user.Credentials.Verify(Encoding.UTF8.GetBytes(renewed.Password)));
    }

    [Fact]
    public async Task A_revoked_password_and_a_deleted_aliass_sign_nobody_in()
    {
        await _create.ForAliasAsync(_alias.Address, Cancellation);
        await new DeleteAlias(_database.Contexts, _database.Time).RunAsync(_alias.Address, Cancellation);
        Assert.Null(await _credentials.FindAsync("shop@alias.test", Cancellation));
        Assert.Equal(ProblemKind.NotFound, (await _create.ForAliasAsync(_alias.Address, Cancellation)).Problem!.Kind);

        await _create.ForAccountAsync(_owner.Id, Cancellation);
        var revoke = new RevokeSmtpPassword(_database.Contexts);
        Assert.True((await revoke.RunAsync("OWNER@mailbox.test", Cancellation)).Succeeded);
        Assert.Null(await _credentials.FindAsync("owner@mailbox.test", Cancellation));
        Assert.Equal(ProblemKind.NotFound, (await revoke.RunAsync("owner@mailbox.test", Cancellation)).Problem!.Kind);
    }

    [Fact]
    public async Task An_account_neither_sees_nor_takes_anothers()
    {
        var stranger = await _database.AddAccountAsync("stranger@mailbox.test");
        var made = (await _create.ForAliasAsync(_alias.Address, Cancellation)).Value!;
        Assert.Equal(ProblemKind.NotFound, (await _create.ForAliasAsync(new AliasSelector(stranger.Id, _alias.Id), Cancellation)).Problem!.Kind);
        Assert.Equal(
            ProblemKind.NotFound,
            (await new RevokeSmtpPassword(_database.Contexts).RunAsync(stranger.Id, made.Credential.Id, Cancellation)).Problem!.Kind);
        var list = new ListSmtpPasswords(_database.Contexts);
        Assert.Empty(await list.RunAsync(stranger.Id, Cancellation));
        Assert.Equal("shop@alias.test", Assert.Single(await list.RunAsync(_owner.Id, Cancellation)).UserName);
        Assert.Single(await list.RunAsync(null, Cancellation));
    }

    [Fact]
    public async Task One_name_cannot_stand_for_an_account_and_for_an_alias_of_another()
    {
        await _database.AddAccountAsync("shop@alias.test");
        await _create.ForAliasAsync(_alias.Address, Cancellation);
        Assert.Equal(ProblemKind.Conflict, (await _create.ForAccountAsync("shop@alias.test", Cancellation)).Problem!.Kind);
    }

    [Theory]
    [InlineData("")]
    [InlineData("nobody@alias.test")]
    [InlineData("no address")]
    [InlineData("' OR 1=1 --@alias.test")]
    public async Task Who_is_unknown_is_nobody(string userName) => Assert.Null(await _credentials.FindAsync(userName, Cancellation));
}

public sealed class SmtpPasswordOnSqliteTests() : SmtpPasswordTests(DatabaseKind.Sqlite);

public sealed class SmtpPasswordOnPostgresTests() : SmtpPasswordTests(DatabaseKind.Postgres);
