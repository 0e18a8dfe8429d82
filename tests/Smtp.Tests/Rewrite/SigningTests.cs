using System.Text;
using System.Text.Json;
using Smtpy.Core.Rules;
using Smtpy.Core.Storage;
using Smtpy.Mail.Arc;
using Smtpy.Mail.AuthenticationResults;
using Smtpy.Mail.Dkim;
using Smtpy.Mail.Headers;
using Smtpy.Mail.Messages;
using Smtpy.Smtp.Rewrite;
using Smtpy.Tests.Support;
using Smtpy.Tests.Support.Processes;
using Xunit;

namespace Smtpy.Smtp.Tests.Rewrite;

/// <summary>What is composed verifies: with our own verifiers and with python3-dkim.</summary>
public sealed class SigningTests(ComposerFixture fixture) : IClassFixture<ComposerFixture>
{
    private const string Original =
        "Received: from mail.shop.test by mx.smtpy.test; x\r\nFrom: Jane <jane@shop.test>\r\nTo: a@alias.test\r\nSubject:  odd\t one\r\n two\r\n"
        + "Message-ID: <1@shop.test>\r\n\r\nhello  world\t \r\n\r\n .\r\nend\r\n\r\n\r\n";

    private const string Verify =
        """
        import dkim, json, sys
        job = json.load(sys.stdin)
        message = job["message"].encode()
        def dns(name, timeout=5):
            return job["keys"].get(name.decode().rstrip("."))
        signed = dkim.DKIM(message)
        print([signed.verify(number, dnsfunc=dns) for number in range(job["signatures"])], dkim.arc_verify(message, dnsfunc=dns)[0].decode())
        """;

    public static TheoryData<ForwardingMode, BannerPlace> Ways { get; } = new()
    {
        { ForwardingMode.Private, BannerPlace.Off },
        { ForwardingMode.Private, BannerPlace.Top },
        { ForwardingMode.Transparent, BannerPlace.Off },
        { ForwardingMode.Transparent, BannerPlace.Bottom },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Every_signature_and_the_seal_hold(ForwardingMode mode, BannerPlace banner)
    {
        var alias = await fixture.AddAliasAsync(a => (a.Handling.Mode, a.Banner) = (mode, banner));
        var sent = await fixture.SendAsync(Original, fixture.Due(alias, ComposerFixture.Judged()));
        var results = await sent.VerifyAsync([.. fixture.Keys.All]);
        Assert.Equal(
            [(ComposerFixture.Domain, "r1", DkimVerdict.Pass), (ComposerFixture.Domain, "e1", DkimVerdict.Pass)],
            results.Select(result => (result.Domain, result.Selector, result.Verdict)));
        var chain = await sent.ValidateAsync([.. fixture.Keys.All]);
        Assert.Equal((ArcStatus.Pass, 1, ComposerFixture.Host), (chain.Status, chain.Instances, chain.Sets[0].SealDomain));
        Assert.Contains("spf=pass", Encoding.UTF8.GetString(chain.Sets[0].Results.Span), StringComparison.Ordinal);
        Assert.Equal("[True, True] pass", await AskDkimpyAsync(sent.Text));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    [InlineData(130)]
    public async Task A_message_in_parts_is_signed_as_one(int size)
    {
        var alias = await fixture.AddAliasAsync();
        var whole = await fixture.SendAsync(Original, fixture.Due(alias));
        var parts = await ComposerFixture.ComposeAsync(fixture.Get<Smtp.Deliver.IOutboundComposer>(), new Pieces(Original, size), fixture.Due(alias));
        var sent = await Composed.OfAsync(parts.Message!);
        Assert.Equal(whole.Body, sent.Body);
        Assert.Equal(Original.Length, parts.Message!.ReplacedOctets + parts.Message.Content.Length);
        Assert.All(await sent.VerifyAsync([.. fixture.Keys.All]), result => Assert.Equal(DkimVerdict.Pass, result.Verdict));
    }

    [Theory]
    [InlineData(ForwardingMode.Private)]
    [InlineData(ForwardingMode.Transparent)]
    public async Task A_chain_that_came_with_the_message_is_sealed_on(ForwardingMode mode)
    {
        var alias = await fixture.AddAliasAsync(a => a.Handling.Mode = mode);
        var sent = await fixture.SendAsync(SealedBefore(), fixture.Due(alias, ComposerFixture.Judged(arc: "pass", instances: 1)));
        var chain = await sent.ValidateAsync([.. fixture.Keys.All]);
        Assert.Equal((ArcStatus.Pass, 2, ""), (chain.Status, chain.Instances, chain.Reason));
        Assert.Equal([ComposerFixture.Domain, ComposerFixture.Host], chain.Sets.Select(set => set.SealDomain));
    }

    [Fact]
    public async Task A_broken_chain_is_said_to_be_broken_and_one_that_nobody_judged_is_left_alone()
    {
        var alias = await fixture.AddTransparentAsync();
        var broken = await fixture.SendAsync(SealedBefore(), fixture.Due(alias, ComposerFixture.Judged(arc: "fail", instances: 1)));
        Assert.Contains("cv=fail", broken.Field("ARC-Seal"), StringComparison.Ordinal);
        var unjudged = await fixture.SendAsync(SealedBefore(), fixture.Due(alias, ComposerFixture.Judged() with { Arc = null }));
        Assert.Single(unjudged.Names, "arc-seal");
    }

    [Fact]
    public async Task Without_sealing_a_private_forward_has_no_chain()
    {
        var alias = await fixture.AddAliasAsync();
        var composer = fixture.With(new RewriteOptions { Hostname = ComposerFixture.Host, PublicUrl = new Uri("https://a.test"), SealsArc = false });
        var composition = await ComposerFixture.ComposeAsync(
            composer, new InMemoryContent(Encoding.UTF8.GetBytes(SealedBefore())), fixture.Due(alias, ComposerFixture.Judged(arc: "pass", instances: 1)));
        var sent = await Composed.OfAsync(composition.Message!);
        Assert.DoesNotContain("arc-seal", sent.Names);
        Assert.Equal(2, (await sent.VerifyAsync([.. fixture.Keys.All])).Count);
    }

    [Fact]
    public async Task Where_the_relay_signs_nothing_is_signed_here_and_the_seal_is_a_switch_of_its_own()
    {
        var alias = await fixture.AddAliasAsync();
        var composer = fixture.With(new RewriteOptions { Hostname = ComposerFixture.Host, PublicUrl = new Uri("https://a.test"), SignsDkim = false });
        var composition = await ComposerFixture.ComposeAsync(
            composer, new InMemoryContent(Encoding.UTF8.GetBytes(Original)), fixture.Due(alias, ComposerFixture.Judged()));
        var sent = await Composed.OfAsync(composition.Message!);
        Assert.DoesNotContain("dkim-signature", sent.Names);
        Assert.Equal(ArcStatus.Pass, (await sent.ValidateAsync([.. fixture.Keys.All])).Status);
    }

    [Fact]
    public async Task A_database_that_fails_means_later()
    {
        var alias = await fixture.AddAliasAsync();
        fixture.Keys.Failure = new StorageException("no disk");
        var composition = await fixture.ComposeAsync(Original, fixture.Due(alias));
        Assert.False(composition.Succeeded);
        Assert.Equal((DeliveryState.Queued, 451), (composition.State, composition.Reason.Code));
    }

    [Fact]
    public async Task A_note_is_not_left_out_of_what_is_too_large_for_it_in_silence()
    {
        var alias = await fixture.AddAliasAsync(a => a.Banner = BannerPlace.Top);
        var composer = fixture.With(new RewriteOptions { Hostname = ComposerFixture.Host, PublicUrl = new Uri("https://a.test"), MaxRewrittenOctets = 100 });
        var composition = await ComposerFixture.ComposeAsync(composer, new InMemoryContent(Encoding.UTF8.GetBytes(Original)), fixture.Due(alias));
        Assert.Equal(DeliveryState.Held, composition.State);
        Assert.Contains("larger", composition.Reason.Text, StringComparison.Ordinal);
    }

    private static string SealedBefore()
    {
        var header = new HeaderIndex(Encoding.UTF8.GetBytes(Original[..(Original.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 2)]));
        using var body = new BodyHasher(BodyHashKind.Signing);
        body.Append(Encoding.UTF8.GetBytes(Original[(Original.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..]));
        body.Finish();
        var set = new ArcSealer(TimeProvider.System).Seal(
            ComposerFixture.DomainRsa, "lists.test", [new AuthenticationResult("spf", "pass")], header, body, ArcStatus.None);
        return Encoding.UTF8.GetString(set!) + Original;
    }

    private async Task<string> AskDkimpyAsync(string message)
    {
        RequiredPackages.Need("python3-dkim");
        RequiredPackages.Need("python3-nacl");
        using var folder = new TempFolder();
        var script = folder.Combine("verify.py");
        await File.WriteAllTextAsync(script, Verify, TestContext.Current.CancellationToken);
        var input = JsonSerializer.Serialize(new
        {
            keys = fixture.Keys.All.ToDictionary(key => key.RecordName, key => key.RecordText),
            message,
            signatures = 2,
        });
        return (await ChildProcess.RunAsync(["/usr/bin/python3", script], input: input)).MustSucceed().Trim();
    }

    /// <summary>Parts far smaller than any store makes: a header that goes over several, line ends cut in two.</summary>
    private sealed class Pieces(string message, int size) : MessageContent
    {
        private readonly byte[] _octets = Encoding.UTF8.GetBytes(message);

        public override long Length => _octets.Length;

        public override int PartCount => (_octets.Length + size - 1) / size;

        public override ValueTask<ReadOnlyMemory<byte>> ReadPartAsync(int part, CancellationToken cancellationToken) =>
            ValueTask.FromResult<ReadOnlyMemory<byte>>(_octets.AsMemory(part * size, Math.Min(size, _octets.Length - (part * size))));
    }
}
