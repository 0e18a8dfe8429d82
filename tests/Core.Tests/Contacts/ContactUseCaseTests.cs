using Smtpy.Core.Aliases;
using Smtpy.Core.Contacts;
using Smtpy.Core.Domains;

namespace Smtpy.Core.Tests.Contacts;

/// <summary>What an owner does with contacts.</summary>
public abstract class ContactUseCaseTests(DatabaseKind kind) : IAsyncLifetime
{
    private readonly ReverseAddresses _reverse = new("a secret of some length"u8.ToArray());
    private TestDatabase _database = null!;
    private CreateContact _create = null!;
    private Guid _owner;
    private Guid _stranger;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync(kind);
        _owner = (await _database.AddAccountAsync("owner@mailbox.test")).Id;
        _stranger = (await _database.AddAccountAsync("stranger@mailbox.test")).Id;
        await _database.AddVerifiedDomainAsync("alias.test", "owner@mailbox.test");
        await _database.AddAliasAsync("shop@alias.test", "owner@mailbox.test");
        _create = new CreateContact(_database.Contexts, _reverse, Options, _database.Time);
    }

    public ValueTask DisposeAsync()
    {
        _database.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_contact_has_a_reverse_address_on_the_host_until_its_domain_is_ready_to_send()
    {
        var early = await AddAsync("jane@Shop.Example");
        Assert.Equal(("jane@shop.example", "shop@alias.test", _owner), (early.Address, early.AliasAddress, early.AccountId));
        Assert.Equal(_reverse.For("shop@alias.test", "jane@shop.example", "mx.test"), early.ReverseAddress);
        await MakeReadyAsync();
        Assert.EndsWith("@alias.test", (await AddAsync("Joe <JOE@shop.example>")).ReverseAddress, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mail_to_the_reverse_address_is_for_the_contact()
    {
        await MakeReadyAsync();
        var contact = await AddAsync("Jane Doe <jane@shop.example>");
        var found = await FindAsync(contact.ReverseAddress);
        Assert.Equal(new ReverseRoute("jane@shop.example", "Jane Doe", "shop@alias.test"), found.Reverse);
    }

    [Fact]
    public async Task Contacts_go_with_their_alias_and_with_their_domain_and_whoever_has_it_next_meets_none()
    {
        await _database.AddAliasAsync("other@alias.test", "owner@mailbox.test");
        var forgotten = await AddAsync("jane@shop.example");
        var other = (await _create.RunAsync("other@alias.test", "jane@shop.example", Cancellation)).Value!.Contact;
        Assert.True((await new ForgetAlias(_database.Contexts).RunAsync("shop@alias.test", Cancellation)).Succeeded);
        Assert.Equal((AliasOutcome.ForeignDomain, AliasOutcome.Reverse), ((await FindAsync(forgotten.ReverseAddress)).Outcome, (await FindAsync(other.ReverseAddress)).Outcome));

        Assert.True((await new DeleteDomain(_database.Contexts).RunAsync("alias.test", Cancellation)).Succeeded);
        Assert.Equal(0, _database.Scalar("SELECT count(*) FROM contacts"));

        // Mail that was under way brings one more; then the domain is somebody else's.
        await new AddContacts(_database.Contexts).RunAsync([other], Cancellation);
        await _database.AddVerifiedDomainAsync("alias.test", "stranger@mailbox.test");
        Assert.Equal(0, _database.Scalar("SELECT count(*) FROM contacts"));
        await new AddContacts(_database.Contexts).RunAsync([other], Cancellation);
        await MakeReadyAsync();
        Assert.Equal(AliasOutcome.ForeignDomain, (await FindAsync(other.ReverseAddress)).Outcome);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task A_domain_is_not_ready_to_send_while_its_mail_goes_elsewhere_or_nobody_can_verify_it(bool isSigned, bool comesHere)
    {
        await using (var context = _database.Contexts.CreateDbContext())
        {
            var domain = context.Domains.Single();
            (domain.SigningSeenAt, domain.ExchangerSeenAt) = (isSigned ? _database.Time.GetUtcNow() : null, comesHere ? _database.Time.GetUtcNow() : null);
            await context.SaveChangesAsync(Cancellation);
        }

        Assert.EndsWith("@mx.test", (await AddAsync("jane@shop.example")).ReverseAddress, StringComparison.Ordinal);
        Assert.False((await FindAsync("shop@alias.test")).Handling!.IsDomainReadyToSend);
    }

    [Fact]
    public async Task Who_is_a_contact_already_stays_as_they_are()
    {
        var first = (await _create.RunAsync("shop@alias.test", "Jane <jane@shop.example>", Cancellation)).Value!;
        var again = (await _create.RunAsync("SHOP@alias.test", "Other <JANE@shop.example>", Cancellation)).Value!;
        Assert.Equal((false, true), (first.Existed, again.Existed));
        Assert.Equal((first.Contact.Id, "Jane"), (again.Contact.Id, again.Contact.DisplayName));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("nobody")]
    [InlineData("a@x.test, b@x.test")]
    [InlineData("\"quoted part\"@x.test")]
    [InlineData("jane@[192.0.2.1]")]
    [InlineData("shop@alias.test")]
    public async Task What_no_mail_can_go_to_is_no_contact(string? contact)
    {
        var problem = (await _create.RunAsync("shop@alias.test", contact, Cancellation)).Problem!;
        Assert.Equal((ProblemKind.Invalid, "contact"), (problem.Kind, problem.Field));
    }

    [Fact]
    public async Task A_reverse_address_is_no_contact()
    {
        var contact = await AddAsync("jane@shop.example");
        Assert.Equal(ProblemKind.Invalid, (await _create.RunAsync("shop@alias.test", contact.ReverseAddress, Cancellation)).Problem!.Kind);
    }

    [Fact]
    public async Task A_renewed_reverse_address_works_and_the_old_one_does_not()
    {
        await MakeReadyAsync();
        var old = await AddAsync("jane@shop.example");
        var renew = new RenewReverseAddress(_database.Contexts, _reverse, Options);
        var renewed = (await renew.RunAsync(new ContactSelector(_owner, old.Id), Cancellation)).Value!;
        Assert.NotEqual(old.ReverseAddress, renewed.ReverseAddress);
        Assert.Equal(AliasOutcome.Unknown, (await FindAsync(old.ReverseAddress)).Outcome);
        Assert.Equal("jane@shop.example", (await FindAsync(renewed.ReverseAddress)).Reverse!.ContactAddress);
        Assert.NotEqual(renewed.ReverseAddress, (await renew.RunAsync(new ContactSelector("shop@alias.test", "jane@shop.example"), Cancellation)).Value!.ReverseAddress);
    }

    [Fact]
    public async Task Contacts_are_blocked_listed_and_forgotten()
    {
        var jane = await AddAsync("jane@shop.example");
        await AddAsync("joe@shop.example");
        var set = new SetContactBlocked(_database.Contexts);
        Assert.True((await set.RunAsync(new ContactSelector(_owner, jane.Id), true, Cancellation)).Value!.Blocked);
        Assert.Equal([jane.Id], await ListAsync(_owner, new ContactQuery(Blocked: true)));
        Assert.Equal(2, (await ListAsync(null, new ContactQuery(AliasAddress: "Shop@alias.test"))).Count);
        Assert.Empty(await ListAsync(_owner, new ContactQuery(AliasId: Guid.NewGuid())));
        Assert.True((await new DeleteContact(_database.Contexts).RunAsync(new ContactSelector(_owner, jane.Id), Cancellation)).Succeeded);
        Assert.Single(await ListAsync(_owner, new ContactQuery()));
    }

    [Fact]
    public async Task Anothers_contact_is_as_unknown_as_none()
    {
        var selector = new ContactSelector(_stranger, (await AddAsync("jane@shop.example")).Id);
        var unknown = new ContactSelector(_stranger, Guid.NewGuid());
        var set = new SetContactBlocked(_database.Contexts);
        Assert.Equal((await set.RunAsync(unknown, true, Cancellation)).Problem, (await set.RunAsync(selector, true, Cancellation)).Problem);
        Assert.False((await new DeleteContact(_database.Contexts).RunAsync(selector, Cancellation)).Succeeded);
        Assert.False((await new RenewReverseAddress(_database.Contexts, _reverse, Options).RunAsync(selector, Cancellation)).Succeeded);
        Assert.False((await new ListContacts(_database.Contexts).FindAsync(selector, Cancellation)).Succeeded);
        Assert.Empty(await ListAsync(_stranger, new ContactQuery()));
        Assert.Equal(0, _database.Scalar("SELECT count(*) FROM contacts WHERE blocked"));
    }

    private CoreOptions Options => new() { DataFolder = _database.Folder, HostName = "mx.test" };

    private async Task<Contact> AddAsync(string contact)
    {
        var made = await _create.RunAsync("shop@alias.test", contact, Cancellation);
        Assert.True(made.Succeeded, made.Problem?.Message);
        return made.Value.Contact;
    }

    private async Task<List<Guid>> ListAsync(Guid? account, ContactQuery query) =>
        [.. (await new ListContacts(_database.Contexts).RunAsync(account, query, Cancellation)).Items.Select(c => c.Id)];

    private async Task<AliasLookup> FindAsync(string address)
    {
        var at = address.IndexOf('@', StringComparison.Ordinal);
        return await new AliasDirectory(_database.Version(TimeProvider.System), new AliasDirectoryOptions(), "mx.test")
            .FindAsync(address[..at], address[(at + 1)..], Cancellation);
    }

    private async Task MakeReadyAsync()
    {
        await using var context = _database.Contexts.CreateDbContext();
        var domain = context.Domains.Single();
        (domain.SigningSeenAt, domain.ExchangerSeenAt) = (_database.Time.GetUtcNow(), _database.Time.GetUtcNow());
        await context.SaveChangesAsync(Cancellation);
    }
}

public sealed class ContactUseCaseOnSqliteTests() : ContactUseCaseTests(DatabaseKind.Sqlite);

public sealed class ContactUseCaseOnPostgresTests() : ContactUseCaseTests(DatabaseKind.Postgres);
