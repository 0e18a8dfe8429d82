using System.Net;
using Smtpy.Mail.Addresses;
using Smtpy.Mail.Arc;
using Smtpy.Mail.Authentication;
using Smtpy.Mail.Dkim;
using Smtpy.Mail.Dmarc;
using Smtpy.Mail.Headers;
using Smtpy.Mail.Spf;
using Smtpy.Mail.Tests.Dkim;
using Smtpy.Mail.Tests.Dns;
using Xunit;

namespace Smtpy.Mail.Tests.Authentication;

public sealed class AuthenticatorTests
{
    private const string Ours = "192.0.2.1";

    private const string Foreign = "203.0.113.1";

    private readonly SignedMail _mail = new();

    private readonly MemoryZone _zone = new(
        "shop.test TXT v=spf1 ip4:192.0.2.1 -all", "_dmarc.shop.test TXT v=DMARC1; p=reject", "plain.test TXT v=spf1 ip4:192.0.2.1 -all",
        $"{SignedMail.Rsa.RecordName} TXT {SignedMail.Rsa.RecordText}", $"{SignedMail.Ed25519.RecordName} TXT {SignedMail.Ed25519.RecordText}");

    [Fact]
    public async Task A_signed_message_from_its_own_host_passes_everything()
    {
        var found = await JudgeAsync(_mail.Sign(SignedMail.Message, SignedMail.Rsa), Ours, "joe@shop.test");
        Assert.Equal(SpfResult.Pass, found.Spf.Result);
        Assert.Equal(DkimVerdict.Pass, Assert.Single(found.Dkim).Verdict);
        Assert.Equal(DmarcResult.Pass, found.Dmarc.Result);
        Assert.Equal(ArcStatus.None, found.Arc.Status);
        Assert.True(found.IsAuthenticated);
        Assert.True(found.IsSignedByAuthor);
    }

    [Fact]
    public async Task A_forwarded_one_passes_by_its_signature()
    {
        var found = await JudgeAsync(_mail.Sign(SignedMail.Message, SignedMail.Rsa), Foreign, "joe@shop.test");
        Assert.Equal((SpfResult.Fail, DmarcResult.Pass), (found.Spf.Result, found.Dmarc.Result));
        Assert.True(found.IsAuthenticated);
    }

    [Fact]
    public async Task A_forged_one_fails_with_what_the_domain_asks_for()
    {
        var found = await JudgeAsync(SignedMail.Message, Foreign, "joe@shop.test");
        Assert.Equal((DmarcResult.Fail, DmarcPolicy.Reject), (found.Dmarc.Result, found.Dmarc.Disposition));
        Assert.False(found.IsAuthenticated);
        Assert.False(found.IsSignedByAuthor);
    }

    [Fact]
    public async Task Spf_alone_authenticates_but_signs_nothing()
    {
        var found = await JudgeAsync(SignedMail.Message, Ours, "bounce@shop.test");
        Assert.True(found.IsAuthenticated);
        Assert.False(found.IsSignedByAuthor);
    }

    [Theory]
    [InlineData("joe@plain.test", "joe@plain.test", true)]
    [InlineData("joe@plain.test", "joe@shop.test", false)]
    public async Task Without_a_policy_the_very_domain_must_pass(string from, string mailFrom, bool expected)
    {
        var found = await JudgeAsync($"From: <{from}>\r\n\r\nHello\r\n", Ours, mailFrom);
        Assert.Equal(DmarcResult.None, found.Dmarc.Result);
        Assert.Equal(expected, found.IsAuthenticated);
    }

    [Fact]
    public async Task Two_authors_are_never_authenticated()
    {
        var found = await JudgeAsync("From: <joe@shop.test>, <eve@shop.test>\r\n\r\nHello\r\n", Ours, "joe@shop.test");
        Assert.Equal(DmarcResult.Pass, found.Dmarc.Result);
        Assert.False(found.IsAuthenticated);
    }

    [Fact]
    public async Task A_signature_that_leaves_the_end_of_the_body_open_proves_no_sender()
    {
        var signed = _mail.Sign(SignedMail.Message, SignedMail.Rsa);
        var found = await JudgeAsync(signed, Foreign, "joe@shop.test");
        var open = found with { Dkim = [found.Dkim[0] with { CoversWholeBody = false }] };
        Assert.True(found.IsAuthenticated);
        Assert.False(open.IsAuthenticated);
    }

    [Fact]
    public async Task A_signer_whose_DNS_is_slow_does_not_use_up_the_time_for_the_policy_of_another()
    {
        var zone = new MemoryZone($"{SignedMail.Rsa.RecordName} HANG", "_dmarc.bank.test TXT v=DMARC1; p=reject");
        var signed = _mail.Sign(SignedMail.Message, SignedMail.Rsa).Replace("joe@shop.test", "boss@bank.test", StringComparison.Ordinal);
        var found = await JudgeAsync(signed, Foreign, "eve@elsewhere.test", zone, new AuthenticationOptions { TimeLimit = TimeSpan.FromMilliseconds(50) });
        Assert.Equal(DkimVerdict.TempError, Assert.Single(found.Dkim).Verdict);
        Assert.Equal((DmarcResult.Fail, "bank.test"), (found.Dmarc.Result, found.Dmarc.AuthorDomain));
    }

    [Fact]
    public async Task A_signature_says_for_whom_a_message_is_only_if_nothing_can_be_put_beside_what_it_covers()
    {
        // As many sign: as often as a field is there, which leaves room for another on top.
        var mail = new SignedMail { SignerOptions = new DkimSignerOptions { Fields = SignedFields.Default with { Guarded = [], Present = ["From", "To", "Subject"] } } };
        var signed = mail.Sign(SignedMail.Message, SignedMail.Rsa);
        Assert.True((await JudgeAsync(signed, Foreign, "joe@shop.test")).IsContentSigned);
        foreach (var more in new[] { "Subject: hacked\r\n", "Cc: eve@elsewhere.test\r\n", "Content-Type: text/html\r\n", "To: eve@elsewhere.test\r\n" })
        {
            var found = await JudgeAsync(more + signed, Foreign, "joe@shop.test");
            Assert.Equal((DkimVerdict.Pass, true, false), (found.Dkim[0].Verdict, found.IsAuthenticated, found.IsContentSigned));
        }
    }

    [Fact]
    public async Task Only_the_clients_address_says_that_the_author_sends_it_now()
    {
        var signed = _mail.Sign(SignedMail.Message, SignedMail.Rsa);
        Assert.False((await JudgeAsync(signed, Foreign, "joe@shop.test")).IsAuthenticatedBySpf);
        Assert.True((await JudgeAsync(signed, Ours, "joe@shop.test")).IsAuthenticatedBySpf);
    }

    [Fact]
    public async Task No_question_is_asked_twice_while_it_fails_or_is_under_way()
    {
        var zone = new MemoryZone($"{SignedMail.Rsa.RecordName} FAIL", "shop.test FAIL", "_dmarc.shop.test FAIL");
        var twice = _mail.Sign(_mail.Sign(SignedMail.Message, SignedMail.Rsa), SignedMail.Rsa);
        var found = await JudgeAsync(twice, Ours, "joe@shop.test", zone);
        Assert.All(found.Dkim, result => Assert.Equal(DkimVerdict.TempError, result.Verdict));
        Assert.Equal((SpfResult.TempError, DmarcResult.TempError), (found.Spf.Result, found.Dmarc.Result));
        Assert.Equal(zone.Questions.Distinct(StringComparer.Ordinal), zone.Questions);
    }

    [Fact]
    public async Task What_DNS_never_answers_is_a_temporary_error_when_the_time_is_over()
    {
        var zone = new MemoryZone($"{SignedMail.Rsa.RecordName} HANG", "shop.test HANG", "_dmarc.shop.test HANG");
        var limit = TimeSpan.FromMilliseconds(50);
        var options = new AuthenticationOptions { TimeLimit = limit, Dmarc = new DmarcOptions { TimeLimit = limit } };
        var found = await JudgeAsync(_mail.Sign(SignedMail.Message, SignedMail.Rsa), Ours, "joe@shop.test", zone, options);
        Assert.Equal(SpfResult.TempError, found.Spf.Result);
        Assert.Equal(DkimVerdict.TempError, Assert.Single(found.Dkim).Verdict);
        Assert.Equal(DmarcResult.TempError, found.Dmarc.Result);
    }

    [Fact]
    public async Task With_answers_at_hand_nothing_waits()
    {
        using var check = new Authenticator(_zone, new AuthenticationOptions(), _mail.Time).Begin();
        var judging = Run(check, _mail.Sign(SignedMail.Message, SignedMail.Rsa), Ours, "joe@shop.test", out var body);
        Assert.True(judging.IsCompletedSuccessfully);
        await judging;
        body.Dispose();
    }

    [Fact]
    public async Task Spf_that_began_with_the_envelope_is_not_asked_again()
    {
        using var check = new Authenticator(_zone, new AuthenticationOptions(), _mail.Time).Begin();
        await check.CheckSpfAsync(new SpfRequest(IPAddress.Parse(Ours), "mx.shop.test", "joe@shop.test"));
        await Run(check, SignedMail.Message, Ours, "joe@shop.test", out var body);
        body.Dispose();
        Assert.Single(_zone.Questions, question => question == "shop.test TXT");
    }

    [Fact]
    public async Task The_results_are_told_in_the_words_of_the_standard()
    {
        var found = await JudgeAsync(_mail.Sign(SignedMail.Message, SignedMail.Rsa), Ours, "joe@shop.test");
        var results = ResultList.Describe(found, "joe@shop.test");
        Assert.Equal("spf=pass dkim=pass dmarc=pass arc=none", string.Join(' ', results.Select(result => $"{result.Method}={result.Result}")));
        Assert.Equal("joe@shop.test", results[0].Find("smtp", "mailfrom"));
        Assert.Equal("shop.test", results[2].Find("header", "from"));
        Assert.Equal("p=reject dis=none", results[2].Comment);
    }

    private async Task<MessageAuthentication> JudgeAsync(
        string message, string client, string mailFrom, MemoryZone? zone = null, AuthenticationOptions? options = null)
    {
        var time = options is null ? (TimeProvider)_mail.Time : TimeProvider.System;
        using var check = new Authenticator(zone ?? _zone, options ?? new AuthenticationOptions(), time).Begin();
        var found = await Run(check, message, client, mailFrom, out var body);
        body.Dispose();
        return found;
    }

    private static ValueTask<MessageAuthentication> Run(MessageCheck check, string message, string client, string mailFrom, out BodyHasher body)
    {
        var (header, octets) = SignedMail.Split(message);
        var index = new HeaderIndex(header);
        var signatures = DkimSignatures.Read(index, new DkimVerifierOptions());
        var chain = ArcChain.Read(index, new DkimVerifierOptions());
        body = new BodyHasher([.. signatures.BodyHashes, .. chain.BodyHashes]);
        body.Append(octets);
        body.Finish();
        return check.RunAsync(
            new SpfRequest(IPAddress.Parse(client), "mx.shop.test", mailFrom), Author.Read(header), signatures, chain, body,
            TestContext.Current.CancellationToken);
    }
}
