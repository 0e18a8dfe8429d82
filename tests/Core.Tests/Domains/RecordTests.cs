using Smtpy.Core.Domains;
using Smtpy.Core.Domains.Records;

namespace Smtpy.Core.Tests.Domains;

/// <summary>What is found in DNS and what is said of it.</summary>
public sealed class RecordTests : IAsyncLifetime
{
    private SigningWorld _world = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _world = await SigningWorld.CreateAsync(DatabaseKind.Sqlite);
        await _world.Ensure.RunAsync(SigningWorld.Domain, Cancellation);
        await _world.Ensure.RunAsync(SigningWorld.Host, Cancellation);
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task With_nothing_in_DNS_everything_is_missing_and_only_some_of_it_is_required()
    {
        _world.Dns.A(SigningWorld.Host, "203.0.113.10");
        var seen = await LookAsync(SigningWorld.Domain);
        Assert.Equal(
            [
                "MX alias.test required Missing", "TXT s1r._domainkey.alias.test required Missing", "TXT s1e._domainkey.alias.test advised Missing",
                "TXT alias.test advised Missing", "TXT _dmarc.alias.test advised Missing",
            ],
            seen.Findings.Select(static f => $"{f.Record.Type} {f.Record.Name} {(f.Record.IsRequired ? "required" : "advised")} {f.Verdict}"));
        Assert.False(seen.IsReady);
        Assert.Equal((false, false), (seen.ComesHere, seen.CanBeVerified));
    }

    [Fact]
    public async Task With_the_lines_that_were_asked_for_everything_is_right()
    {
        _world.Dns.A(SigningWorld.Host, "203.0.113.10").Aaaa(SigningWorld.Host, "2001:db8::10").Reverse("203.0.113.10", SigningWorld.Host)
            .Reverse("2001:db8::10", SigningWorld.Host);
        foreach (var record in (await LookAsync(SigningWorld.Domain)).Findings.Concat((await LookAsync(SigningWorld.Host)).Findings).Select(static f => f.Record))
        {
            switch (record.Type)
            {
                case "TXT":
                    _world.Dns.Txt(record.Name, record.Value);
                    break;
                case "MX":
                    _world.Dns.Mx(record.Name, 10, record.Value[3..]);
                    break;
                default:
                    Assert.Null(record.ZoneLine);
                    break;
            }
        }

        foreach (var name in new[] { SigningWorld.Domain, SigningWorld.Host })
        {
            var seen = await LookAsync(name);
            Assert.Equal([], seen.Findings.Where(static f => f.Verdict != RecordVerdict.Ok).Select(static f => $"{f.Record.Name} {f.Verdict} {f.Note}"));
            Assert.True(seen.IsReady);
        }
    }

    [Theory]
    [InlineData("v=spf1 mx -all", RecordVerdict.Ok)]
    [InlineData("v=spf1 ip4:203.0.113.0/24 ~all", RecordVerdict.Ok)]
    [InlineData("v=spf1 include:other.test -all", RecordVerdict.Ok)]
    [InlineData("v=spf1 -all", RecordVerdict.Wrong)]
    [InlineData("v=spf1 ip4:192.0.2.1 ?all", RecordVerdict.Wrong)]
    [InlineData("v=spf1 nonsense:x", RecordVerdict.Wrong)]
    [InlineData("some other text", RecordVerdict.Missing)]
    public async Task SPF_is_judged_by_whether_it_lets_the_host_send(string text, RecordVerdict verdict)
    {
        _world.Dns.A(SigningWorld.Host, "203.0.113.10").Mx(SigningWorld.Domain, 10, SigningWorld.Host).Txt(SigningWorld.Domain, text)
            .Txt("other.test", "v=spf1 ip4:203.0.113.10 -all");
        Assert.Equal(verdict, (await FindAsync(DomainRecordPurpose.Sender)).Verdict);
    }

    [Theory]
    [InlineData("10 mx.host.test", RecordVerdict.Ok)]
    [InlineData("5 elsewhere.test,10 MX.host.test", RecordVerdict.Ok)]
    [InlineData("10 elsewhere.test", RecordVerdict.Wrong)]
    [InlineData("0 .", RecordVerdict.Wrong)]
    public async Task MX_must_name_the_host(string records, RecordVerdict verdict)
    {
        foreach (var record in records.Split(','))
        {
            _world.Dns.Mx(SigningWorld.Domain, ushort.Parse(record.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture), record.Split(' ')[1]);
        }

        Assert.Equal(verdict, (await FindAsync(DomainRecordPurpose.Exchanger)).Verdict);
    }

    [Theory]
    [InlineData("v=DMARC1; p=reject", RecordVerdict.Ok)]
    [InlineData("v=DMARC1; p=none; rua=mailto:x@alias.test", RecordVerdict.Ok)]
    [InlineData("v=DMARC2; p=none", RecordVerdict.Wrong)]
    public async Task Any_DMARC_policy_is_its_owners_choice(string text, RecordVerdict verdict)
    {
        _world.Dns.Txt("_dmarc.alias.test", text);
        Assert.Equal(verdict, (await FindAsync(DomainRecordPurpose.Policy)).Verdict);
    }

    [Fact]
    public async Task A_policy_of_the_parent_domain_counts()
    {
        _world.Dns.Txt("_dmarc.host.test", "v=DMARC1; p=quarantine");
        Assert.Equal(RecordVerdict.Ok, (await FindAsync(DomainRecordPurpose.Policy, SigningWorld.Host)).Verdict);
    }

    [Theory]
    [InlineData("k=rsa;p={0}", RecordVerdict.Ok)]
    [InlineData("v=DKIM1; t=s; n=ours; p={0};", RecordVerdict.Ok)]
    [InlineData("v=DKIM1; k=rsa; p=", RecordVerdict.Wrong)]
    [InlineData("v=DKIM1; k=ed25519; p={0}", RecordVerdict.Wrong)]
    [InlineData("v=DKIM1; k=rsa; s=tlsrpt; p={0}", RecordVerdict.Wrong)]
    [InlineData("v=spf1 -all", RecordVerdict.Wrong)]
    public async Task A_key_record_counts_however_it_is_written_if_receivers_can_verify_with_it(string form, RecordVerdict verdict)
    {
        var key = (await _world.List.RunAsync(SigningWorld.Domain, Cancellation)).Value!.Keys[0];
        _world.Dns.Txt("s1r._domainkey.alias.test", string.Format(System.Globalization.CultureInfo.InvariantCulture, form, key.PublicKey));
        Assert.Equal(verdict, (await FindAsync(DomainRecordPurpose.Key)).Verdict);
    }

    [Fact]
    public async Task The_key_of_another_domain_or_two_records_at_once_are_wrong()
    {
        var other = (await _world.List.RunAsync(SigningWorld.Host, Cancellation)).Value!.Keys[0].ToPublish();
        _world.Dns.Txt("s1r._domainkey.alias.test", other.RecordText);
        Assert.Equal((RecordVerdict.Wrong, "it is another key"), ((await FindAsync(DomainRecordPurpose.Key)).Verdict, (await FindAsync(DomainRecordPurpose.Key)).Note));
        await _world.PublishAsync("s1r");
        Assert.Equal((RecordVerdict.Wrong, "there are several records"), ((await FindAsync(DomainRecordPurpose.Key)).Verdict, (await FindAsync(DomainRecordPurpose.Key)).Note));
    }

    [Fact]
    public async Task A_silent_or_failing_DNS_is_no_answer_and_no_missing_record()
    {
        _world.Dns.Broken(SigningWorld.Domain).Silent("s1r._domainkey.alias.test").Broken("_dmarc.alias.test");
        _world.DnsPatience = TimeSpan.FromSeconds(1);
        var seen = await LookAsync(SigningWorld.Domain);
        Assert.All(
            seen.Findings.Where(static f => f.Record.Key is not { Algorithm: DomainKeyAlgorithm.Ed25519Sha256 }),
            static f => Assert.Equal(RecordVerdict.Unknown, f.Verdict));
        Assert.Equal((null, null), (seen.ComesHere, seen.CanBeVerified));
        Assert.False(seen.IsReady);
    }

    [Fact]
    public async Task A_reverse_name_must_lead_back()
    {
        _world.Dns.A(SigningWorld.Host, "203.0.113.10");
        Assert.Equal(RecordVerdict.Missing, (await FindAsync(DomainRecordPurpose.Reverse, SigningWorld.Host)).Verdict);
        _world.Dns.Reverse("203.0.113.10", "host-10.provider.test");
        Assert.Equal(RecordVerdict.Wrong, (await FindAsync(DomainRecordPurpose.Reverse, SigningWorld.Host)).Verdict);
        _world.Dns.Reverse("203.0.113.10", SigningWorld.Host);
        Assert.Equal(RecordVerdict.Ok, (await FindAsync(DomainRecordPurpose.Reverse, SigningWorld.Host)).Verdict);
    }

    [Fact]
    public async Task A_long_key_is_written_as_several_strings_of_a_zone_file()
    {
        var line = (await FindAsync(DomainRecordPurpose.Key)).Record.ZoneLine!;
        Assert.StartsWith("s1r._domainkey.alias.test. TXT \"v=DKIM1; k=rsa; p=", line, StringComparison.Ordinal);
        var strings = line.Split('"').Where(static (_, at) => at % 2 == 1).ToList();
        Assert.Equal(2, strings.Count);
        Assert.All(strings, static part => Assert.InRange(part.Length, 1, 255));
    }

    private async Task<DomainExamination> LookAsync(string name) => (await _world.Examine.LookAsync(name, Cancellation)).Value!;

    private async Task<RecordFinding> FindAsync(DomainRecordPurpose purpose, string name = SigningWorld.Domain) =>
        (await LookAsync(name)).Findings.First(f => f.Record.Purpose == purpose);
}
