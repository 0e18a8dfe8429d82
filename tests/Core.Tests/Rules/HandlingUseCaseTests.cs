using Smtpy.Core.Aliases;
using Smtpy.Core.Domains;
using Smtpy.Core.Recipients;
using Smtpy.Core.Rules;
using Smtpy.Mail.Rewriting;

namespace Smtpy.Core.Tests.Rules;

/// <summary>What owners say about how mail is handled, and what of it reaches the directory that mail is routed by.</summary>
public abstract class HandlingUseCaseTests(DatabaseKind kind) : IAsyncLifetime
{
    private TestDatabase _database = null!;
    private AliasDirectory _directory = null!;
    private SenderRuleBook _rules = null!;
    private Guid _owner;
    private Guid _stranger;
    private Alias _alias = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync(kind);
        _owner = (await _database.AddAccountAsync("owner@mailbox.test")).Id;
        _stranger = (await _database.AddAccountAsync("stranger@mailbox.test")).Id;
        await _database.AddVerifiedDomainAsync("alias.test", "owner@mailbox.test");
        _alias = await _database.AddAliasAsync("shop@alias.test", "jane@mail.test");
        _directory = new AliasDirectory(_database.Version(TimeProvider.System), new AliasDirectoryOptions(), "mx.test");
        _rules = new SenderRuleBook(_database.Version(TimeProvider.System), new AliasDirectoryOptions());
    }

    public ValueTask DisposeAsync()
    {
        _database.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task What_is_set_for_an_alias_holds_at_once_and_null_gives_it_back()
    {
        var edit = new AliasEdit
        {
            Handling = new HandlingEdit
            {
                Mode = new Change<ForwardingMode>(ForwardingMode.Transparent),
                OnDmarcFail = new Change<FailureAction>(FailureAction.Reject),
            },
            KnownSendersOnly = true,
            SubjectTemplate = "[{alias}] {subject}",
            Banner = BannerPlace.Top,
            CleanReplies = false,
        };
        await EditAsync(edit);
        var handling = (await LookUpAsync()).Handling!;
        Assert.Equal(
            (ForwardingMode.Transparent, FailureAction.Reject, FailureAction.Mark, true, "[{alias}] {subject}", BannerPlace.Top, false),
            (handling.Mode, handling.OnDmarcFail, handling.OnSpfFail, handling.KnownSendersOnly, handling.SubjectTemplate, handling.Banner, handling.CleanReplies));

        await EditAsync(new AliasEdit { Handling = new HandlingEdit { Mode = new Change<ForwardingMode>(null) }, SubjectTemplate = "" });
        handling = (await LookUpAsync()).Handling!;
        Assert.Equal((ForwardingMode.Private, FailureAction.Reject, null, true), (handling.Mode, handling.OnDmarcFail, handling.SubjectTemplate, handling.KnownSendersOnly));
    }

    [Fact]
    public async Task A_domains_choice_holds_for_aliases_that_leave_it_open()
    {
        var edit = new DomainEdit
        {
            Handling = new HandlingEdit
            {
                FromFormat = new Change<DisplayNameFormat>(DisplayNameFormat.AddressOnly),
                Unsubscribe = new Change<UnsubscribeChoice>(UnsubscribeChoice.BlockSender),
            },
        };
        Assert.True((await new EditDomain(_database.Contexts, _database.Time).RunAsync("alias.test", edit, Cancellation)).Succeeded);
        await EditAsync(new AliasEdit { Handling = new HandlingEdit { Unsubscribe = new Change<UnsubscribeChoice>(UnsubscribeChoice.Keep) } });
        var handling = (await LookUpAsync()).Handling!;
        Assert.Equal((DisplayNameFormat.AddressOnly, UnsubscribeChoice.Keep), (handling.FromFormat, handling.Unsubscribe));
    }

    [Theory]
    [InlineData("two\r\nlines")]
    [InlineData("a\ttab")]
    [InlineData("nul\0")]
    public async Task A_subject_is_one_line(string template)
    {
        var outcome = await new EditAlias(_database.Contexts, _database.Time).RunAsync("shop@alias.test", new AliasEdit { SubjectTemplate = template }, Cancellation);
        Assert.Equal("subject_template", outcome.Problem!.Field);
    }

    [Theory]
    [InlineData("[shop]", "The subject template must hold {subject}; accepted are {subject}, {alias}, {alias.local}, {domain}, {name}, {sender}.")]
    [InlineData("{subjekt} {subject}", "The subject template may not hold {subjekt}; accepted are {subject}, {alias}, {alias.local}, {domain}, {name}, {sender}.")]
    [InlineData("{} {subject}", "The subject template may not hold {}; accepted are {subject}, {alias}, {alias.local}, {domain}, {name}, {sender}.")]
    [InlineData("{ [{alias.local}] {subject} }", null)]
    [InlineData("{alias}{domain}{name}{sender}{subject}", null)]
    public async Task A_subject_template_holds_the_subject_and_nothing_unknown(string template, string? problem)
    {
        var outcome = await new EditAlias(_database.Contexts, _database.Time).RunAsync("shop@alias.test", new AliasEdit { SubjectTemplate = template }, Cancellation);
        Assert.Equal(problem, outcome.Problem?.Message);
    }

    [Fact]
    public async Task Sender_rules_hold_for_their_scope_and_a_second_verdict_replaces_the_first()
    {
        await SetAsync(SenderRuleScope.Account(_owner), "@Spam.Test", SenderVerdict.Block);
        await SetAsync(SenderRuleScope.Alias("shop@alias.test"), "Good@spam.test", SenderVerdict.LetThrough);
        var domain = await SetAsync(SenderRuleScope.Domain("alias.test"), "other@x.test", SenderVerdict.LetThrough);
        Assert.Equal(domain.Id, (await SetAsync(SenderRuleScope.Domain("alias.test"), "other@x.test", SenderVerdict.Block)).Id);
        var set = await _rules.FindAsync(_owner, Cancellation);
        Assert.Equal(SenderVerdict.Block, set.Of("bad@mail.spam.test", _alias.DomainId, _alias.Id));
        Assert.Equal(SenderVerdict.LetThrough, set.Of("good@spam.test", _alias.DomainId, _alias.Id));
        Assert.Equal(SenderVerdict.Block, set.Of("good@spam.test", null, null));
        Assert.Equal(SenderVerdict.Block, set.Of("other@x.test", _alias.DomainId, null));
        Assert.Null(set.Of("other@x.test", null, null));

        var list = new ListSenderRules(_database.Contexts);
        var listed = (await list.RunAsync(_owner, new SenderRuleQuery(), Cancellation)).Items;
        Assert.Equal([("@spam.test", null, null), ("good@spam.test", null, "shop@alias.test"), ("other@x.test", "alias.test", null)],
            listed.Select(r => (r.Rule.Sender, r.Domain, r.Alias)));
        Assert.Single((await list.RunAsync(_owner, new SenderRuleQuery(SenderVerdict.Block, WholeAccountOnly: true), Cancellation)).Items);
        Assert.True((await new DeleteSenderRule(_database.Contexts).RunAsync(SenderRuleScope.Account("owner@mailbox.test"), "@spam.test", Cancellation)).Succeeded);
        Assert.Null((await _rules.FindAsync(_owner, Cancellation)).Of("bad@mail.spam.test", null, null));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("@")]
    [InlineData("spam.test")]
    [InlineData("@not a domain")]
    [InlineData("a@b@c")]
    public async Task A_sender_is_an_address_or_a_domain(string? sender)
    {
        var outcome = await new SetSenderRule(_database.Contexts, _database.Time).RunAsync(SenderRuleScope.Account(_owner), sender, SenderVerdict.Block, Cancellation);
        Assert.Equal((ProblemKind.Invalid, "sender"), (outcome.Problem!.Kind, outcome.Problem.Field));
    }

    [Fact]
    public async Task Anothers_rules_domains_and_aliases_are_unknown()
    {
        var rule = await SetAsync(SenderRuleScope.Account(_owner), "@spam.test", SenderVerdict.Block);
        var set = new SetSenderRule(_database.Contexts, _database.Time);
        foreach (var scope in new[]
        {
            SenderRuleScope.Alias(new AliasSelector(_stranger, _alias.Id)), SenderRuleScope.Domain(new DomainSelector(_stranger, _alias.DomainId)),
        })
        {
            Assert.Equal(ProblemKind.NotFound, (await set.RunAsync(scope, "@x.test", SenderVerdict.Block, Cancellation)).Problem!.Kind);
        }

        Assert.Equal(ProblemKind.NotFound, (await new DeleteSenderRule(_database.Contexts).RunAsync(_stranger, rule.Id, Cancellation)).Problem!.Kind);
        Assert.Empty((await new ListSenderRules(_database.Contexts).RunAsync(_stranger, new SenderRuleQuery(), Cancellation)).Items);
        Assert.Equal(1, _database.Scalar("SELECT count(*) FROM sender_rules"));
    }

    [Fact]
    public async Task A_paused_recipient_is_seen_paused_and_resumed()
    {
        var edit = new EditRecipient(_database.Contexts, _database.Time);
        var selector = new RecipientSelector("jane@mail.test", null);
        Assert.NotNull((await edit.RunAsync(selector, new RecipientEdit(Paused: true), Cancellation)).Value!.PausedAt);
        Assert.Equal(["jane@mail.test"], (await LookUpAsync()).Paused);
        await edit.RunAsync(selector, new RecipientEdit(Paused: false), Cancellation);
        Assert.Empty((await LookUpAsync()).Paused);
    }

    [Fact]
    public async Task A_mailbox_of_several_accounts_needs_the_account()
    {
        await using (var context = _database.Contexts.CreateDbContext())
        {
            context.Recipients.Add(new Recipient { AccountId = _stranger, Email = "jane@mail.test", CreatedAt = _database.Time.GetUtcNow() });
            await context.SaveChangesAsync(Cancellation);
        }

        var edit = new EditRecipient(_database.Contexts, _database.Time);
        var pause = new RecipientEdit(Paused: true);
        Assert.Equal(ProblemKind.Conflict, (await edit.RunAsync(new RecipientSelector("jane@mail.test", null), pause, Cancellation)).Problem!.Kind);
        Assert.Equal(_stranger, (await edit.RunAsync(new RecipientSelector("jane@mail.test", "stranger@mailbox.test"), pause, Cancellation)).Value!.AccountId);
        var mine = (await new ListRecipients(_database.Contexts).RunAsync(_owner, null, Cancellation)).Single().Recipient;
        Assert.Null(mine.PausedAt);
        Assert.Equal(ProblemKind.NotFound, (await edit.RunAsync(new RecipientSelector(_stranger, mine.Id), pause, Cancellation)).Problem!.Kind);
    }

    [Fact]
    public async Task A_certificate_encrypts_until_it_is_switched_off_or_removed()
    {
        var selector = new RecipientSelector("jane@mail.test", null);
        var edit = new EditRecipient(_database.Contexts, _database.Time);
        Assert.Equal(ProblemKind.NotPossible, (await edit.RunAsync(selector, new RecipientEdit(Encrypt: true), Cancellation)).Problem!.Kind);

        var set = (await new SetRecipientKey(_database.Contexts, _database.Time).RunAsync(selector, Certificate(), Cancellation)).Value!.Recipient;
        Assert.Equal((EncryptionKind.Smime, 64), (set.Encryption, set.EncryptionFingerprint!.Length));
        Assert.Equal(_database.Time.GetUtcNow().AddDays(30), set.EncryptionExpiresAt);

        var off = (await edit.RunAsync(selector, new RecipientEdit(Encrypt: false), Cancellation)).Value!;
        Assert.Equal(EncryptionKind.None, off.Encryption);
        Assert.NotNull(off.EncryptionKey);
        Assert.Equal(EncryptionKind.Smime, (await edit.RunAsync(selector, new RecipientEdit(Encrypt: true), Cancellation)).Value!.Encryption);
        await edit.RunAsync(selector, new RecipientEdit(Encrypt: false), Cancellation);
        _database.Time.Advance(TimeSpan.FromDays(31));
        Assert.Contains("expired", (await edit.RunAsync(selector, new RecipientEdit(Encrypt: true), Cancellation)).Problem!.Message, StringComparison.Ordinal);

        var removed = (await new RemoveRecipientKey(_database.Contexts).RunAsync(selector, Cancellation)).Value!;
        Assert.Equal((EncryptionKind.None, null, null), (removed.Encryption, removed.EncryptionKey, removed.EncryptionFingerprint));
    }

    [Fact]
    public async Task What_is_no_key_is_refused_with_its_reason_and_changes_nothing()
    {
        var set = new SetRecipientKey(_database.Contexts, _database.Time);
        var outcome = await set.RunAsync(new RecipientSelector("jane@mail.test", null), "hello"u8.ToArray(), Cancellation);
        Assert.Equal((ProblemKind.Invalid, "key_data"), (outcome.Problem!.Kind, outcome.Problem.Field));
        Assert.Contains("neither an OpenPGP public key nor", outcome.Problem.Message, StringComparison.Ordinal);
        Assert.Equal(0, _database.Scalar("SELECT count(*) FROM recipients WHERE encryption <> 0"));
    }

    private byte[] Certificate()
    {
        using var key = System.Security.Cryptography.RSA.Create(2048);
        var request = new System.Security.Cryptography.X509Certificates.CertificateRequest(
            "CN=jane", key, System.Security.Cryptography.HashAlgorithmName.SHA256, System.Security.Cryptography.RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(_database.Time.GetUtcNow().AddDays(-1), _database.Time.GetUtcNow().AddDays(30));
        return System.Text.Encoding.ASCII.GetBytes(certificate.ExportCertificatePem());
    }

    private async Task EditAsync(AliasEdit edit) =>
        Assert.True((await new EditAlias(_database.Contexts, _database.Time).RunAsync("shop@alias.test", edit, Cancellation)).Succeeded);

    private async Task<SenderRule> SetAsync(SenderRuleScope scope, string sender, SenderVerdict verdict)
    {
        var outcome = await new SetSenderRule(_database.Contexts, _database.Time).RunAsync(scope, sender, verdict, Cancellation);
        Assert.True(outcome.Succeeded, outcome.Problem?.Message);
        return outcome.Value;
    }

    private ValueTask<AliasLookup> LookUpAsync() => _directory.FindAsync("shop", "alias.test", Cancellation);
}

public sealed class HandlingUseCaseOnSqliteTests() : HandlingUseCaseTests(DatabaseKind.Sqlite);

public sealed class HandlingUseCaseOnPostgresTests() : HandlingUseCaseTests(DatabaseKind.Postgres);
