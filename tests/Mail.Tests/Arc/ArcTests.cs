using Smtpy.Mail.Arc;
using Smtpy.Mail.Dkim;
using Smtpy.Mail.Tests.Dkim;
using Xunit;

namespace Smtpy.Mail.Tests.Arc;

public sealed class ArcTests
{
    private readonly SignedMail _mail = new();

    [Fact]
    public async Task A_message_without_sets_has_no_chain()
    {
        var result = await _mail.ValidateAsync(SignedMail.Message);
        Assert.Equal((ArcStatus.None, 0, ""), (result.Status, result.Instances, result.Reason));
    }

    [Fact]
    public async Task Each_hop_adds_a_set_and_all_hold()
    {
        var message = _mail.Sign(SignedMail.Message, SignedMail.Rsa);
        for (var hop = 1; hop <= 4; hop++)
        {
            message = await _mail.SealAsync(message, $"hop{hop}.test");
            var result = await _mail.ValidateAsync(message);
            Assert.Equal((ArcStatus.Pass, hop, 0, ""), (result.Status, result.Instances, result.OldestPass, result.Reason));
            Assert.Equal(hop, result.Sets.Count);
        }

        var last = (await _mail.ValidateAsync(message)).Sets[^1];
        Assert.Equal((4, "shop.test", "r", "shop.test"), (last.Instance, last.SealDomain, last.SealSelector, last.MessageDomain));
        Assert.Contains("hop4.test", System.Text.Encoding.ASCII.GetString(last.Results.Span), StringComparison.Ordinal);
        Assert.Equal(DkimVerdict.Pass, Assert.Single(await _mail.VerifyAsync(message)).Verdict);
    }

    [Fact]
    public async Task A_set_added_to_a_changed_message_with_an_honest_word_tells_from_where_it_holds()
    {
        var one = await _mail.SealAsync(SignedMail.Message);
        var changed = one.Replace("Subject: Order", "Subject: [list] Order", StringComparison.Ordinal);
        var two = await _mail.SealAsync(changed, incoming: ArcStatus.Pass);
        var result = await _mail.ValidateAsync(two);
        Assert.Equal((ArcStatus.Pass, 2, 2), (result.Status, result.Instances, result.OldestPass));
    }

    [Theory]
    [InlineData("Subject: Order", "Subject: order", "message signature of set 2: signature did not verify")]
    [InlineData("Bye", "bye", "message signature of set 2: body hash did not verify")]
    [InlineData("i=1; mx.test", "i=1; mx.other", "seal of set 2: signature did not verify")]
    [InlineData("i=1; mx.test", "i=3; mx.test", "set 1 is not whole")]
    [InlineData("i=1; mx.test", "i=0; mx.test", "a field of no instance")]
    [InlineData("i=1; mx.test", "i=51; mx.test", "a field of no instance")]
    [InlineData("i=1; mx.test", "i=2; mx.test", "set 2 has a field twice")]
    [InlineData("i=1; mx.test", "mx.test; i=1;", "a field of no instance")]
    [InlineData("cv=pass", "cv=none", "cv= of set 2 is not possible")]
    [InlineData("cv=none", "cv=pass", "cv= of set 1 is not possible")]
    [InlineData("cv=pass", "cv=fail", "the chain had failed before")]
    [InlineData("cv=pass;", "cv=pass; h=from;", "a seal has h=")]
    [InlineData("cv=pass;", "", "cv= is missing")]
    [InlineData("cv=pass;", "cv=pass; cv=pass;", "a field of no instance")]
    [InlineData("cv=pass;", "cv=pa ss;", "cv= has white space in it")]
    [InlineData("ARC-Seal: i=2; a=rsa-sha256; t=", "ARC-Seal: i=2; a=rsa-sha256; t=1 ", "t= is not a number")]
    [InlineData("ARC-Seal: i=2;", "ARC-Seal: i=0 2;", "a field of no instance")]
    [InlineData("h=from:", "h=arc-seal:from:", "message signature of set 2: h= names ARC-Seal")]
    [InlineData("h=from:", "h=::from:", "message signature of set 2: signature did not verify")] // Blank names are passed over.
    [InlineData("ARC-Seal: i=2", "X-Seal: i=2", "set 2 is not whole")]
    [InlineData("ARC-Authentication-Results: i=2", "X: i=2", "set 2 is not whole")]
    [InlineData("ARC-Message-Signature: i=2; a=rsa-sha256", "ARC-Message-Signature: i=2; a=rsa-sha1", "message signature of set 2: rsa-sha1 is no longer trusted")]
    [InlineData("ARC-Seal: i=2; a=rsa-sha256", "ARC-Seal: i=2; a=rsa-sha1", "a= of a seal may not pass")]
    public async Task A_chain_that_was_tampered_with_fails(string from, string to, string reason)
    {
        var message = await _mail.SealAsync(await _mail.SealAsync(SignedMail.Message));
        Assert.Contains(from, message, StringComparison.Ordinal);
        var at = message.IndexOf(from, StringComparison.Ordinal);
        var result = await _mail.ValidateAsync(message[..at] + to + message[(at + from.Length)..]);
        Assert.Equal((ArcStatus.Fail, reason), (result.Status, result.Reason));
    }

    [Fact]
    public async Task Sets_count_even_when_they_are_not_whole()
    {
        var result = await _mail.ValidateAsync("ARC-Seal: i=3\r\nARC-Authentication-Results: i=1; x\r\n" + SignedMail.Message);
        Assert.Equal((ArcStatus.Fail, 2), (result.Status, result.Instances));
    }

    [Fact]
    public async Task A_failed_chain_is_sealed_once_over_that_set_alone_and_never_again()
    {
        var broken = (await _mail.SealAsync(SignedMail.Message)).Replace("Bye", "bye", StringComparison.Ordinal);
        var marked = await _mail.SealAsync(broken);
        Assert.Contains("i=2;", marked[..100], StringComparison.Ordinal);
        Assert.Contains("cv=fail", marked[..100], StringComparison.Ordinal);

        var result = await _mail.ValidateAsync(marked);
        Assert.Equal((ArcStatus.Fail, 2, "the chain had failed before"), (result.Status, result.Instances, result.Reason));
        Assert.Equal(marked, await _mail.SealAsync(marked));
    }

    [Theory]
    [InlineData(ArcStatus.None)]
    [InlineData(ArcStatus.Fail)]
    public async Task A_chain_that_was_not_found_valid_is_sealed_as_failed(ArcStatus incoming)
    {
        var message = await _mail.SealAsync(await _mail.SealAsync(SignedMail.Message), incoming: incoming);
        Assert.Contains("cv=fail", message[..100], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_fifty_first_set_is_not_added_and_makes_a_chain_fail()
    {
        var message = SignedMail.Message;
        for (var hop = 1; hop <= ArcChain.MaxSets; hop++)
        {
            message = await _mail.SealAsync(message, incoming: hop == 1 ? ArcStatus.None : ArcStatus.Pass);
        }

        var result = await _mail.ValidateAsync(message);
        Assert.Equal((ArcStatus.Pass, 50, ""), (result.Status, result.Instances, result.Reason));
        Assert.Equal(message, await _mail.SealAsync(message));
        Assert.Equal("more than 50 sets", (await _mail.ValidateAsync("ARC-Seal: i=51;\r\n" + message)).Reason);
    }

    [Fact]
    public async Task A_resolver_that_fails_makes_a_failure_that_may_pass()
    {
        var message = await _mail.SealAsync(SignedMail.Message);
        _mail.Texts[SignedMail.Rsa.RecordName] = ["!"];
        var result = await _mail.ValidateAsync(message);
        Assert.Equal((ArcStatus.Fail, true), (result.Status, result.IsTemporary));
    }

    [Fact]
    public async Task A_broken_message_costs_one_question_however_long_its_chain()
    {
        var message = SignedMail.Message;
        for (var hop = 1; hop <= 5; hop++)
        {
            message = await _mail.SealAsync(message, incoming: hop == 1 ? ArcStatus.None : ArcStatus.Pass);
        }

        var before = _mail.Texts.Questions;
        await _mail.ValidateAsync(message.Replace("Order", "order", StringComparison.Ordinal));
        Assert.Equal(1, _mail.Texts.Questions - before);
    }

    [Fact]
    public void Seals_are_made_with_rsa_only()
    {
        using var body = new BodyHasher(BodyHashKind.Signing);
        body.Finish();
        Assert.Throws<ArgumentException>(() => new ArcSealer(_mail.Time).Seal(
            SignedMail.Ed25519, "mx.test", [], new Smtpy.Mail.Headers.HeaderIndex(), body, ArcStatus.None));
    }
}
