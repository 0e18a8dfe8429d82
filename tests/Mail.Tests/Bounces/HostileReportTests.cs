using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Smtpy.Mail.Bounces;
using Xunit;

namespace Smtpy.Mail.Tests.Bounces;

public sealed class HostileReportTests
{
    private readonly BounceReader _reader = new();

    [Fact]
    public void Any_octets_have_an_answer() => Prop.ForAll<byte[], bool>((octets, nullSender) =>
    {
        AutomaticMail.Signs(octets);
        Assert.NotNull(_reader.Read(octets, nullSender));
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void Damaged_reports_have_an_answer_and_show_nothing_that_does_not_show()
    {
        var samples = Samples.All.Select(Samples.Octets).ToArray();
        var damaged =
            from sample in Gen.Elements(samples)
            from cut in Gen.Choose(0, sample.Length)
            from changes in Gen.Choose(0, sample.Length - 1).Zip(Gen.Choose(0, 255)).ListOf()
            from splice in Gen.Elements(samples)
            from at in Gen.Choose(0, splice.Length)
            select Damage(sample, cut, changes, splice, at);
        Prop.ForAll(damaged.ToArbitrary(), octets =>
        {
            var report = _reader.Read(octets, nullSender: true);
            foreach (var text in report.Recipients.SelectMany(r => new[] { r.Address, r.Diagnostic, r.RemoteMta ?? "" }).Append(report.Diagnostic))
            {
                Assert.DoesNotContain(text, char.IsControl);
                Assert.InRange(text.Length, 0, 1000);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000));
    }

    [Fact]
    public void Ten_thousand_recipients_are_a_hundred()
    {
        var groups = string.Join("\n\n", Enumerable.Range(0, 10_000).Select(i => $"Final-Recipient: rfc822; u{i}@mail.example\nAction: failed\nStatus: 5.1.1"));
        Assert.Equal(100, _reader.Read(Samples.Octets(Samples.DeliveryStatus(groups)), nullSender: true).Recipients.Count);
        var lines = string.Concat(Enumerable.Range(0, 10_000).Select(i => $"<u{i}@mail.example>: no\n"));
        Assert.Equal(100, _reader.Read(
            Samples.Octets("From: MAILER-DAEMON@x.example\nSubject: failure notice\n\n" + lines), nullSender: true).Recipients.Count);
    }

    [Fact]
    public void A_thousand_levels_of_multipart_are_not_followed()
    {
        var nested = new StringBuilder("From: MAILER-DAEMON@x.example\n");
        for (var i = 0; i < 1000; i++)
        {
            nested.Append(System.Globalization.CultureInfo.InvariantCulture, $"Content-Type: multipart/mixed; boundary=b{i}\n\n--b{i}\n");
        }

        Assert.Equal(ReportKind.NotABounce, _reader.Read(Samples.Octets(nested.ToString()), nullSender: false).Kind);
    }

    [Fact]
    public void A_thousand_parts_are_not_looked_through()
    {
        var filler = string.Concat(Enumerable.Repeat("--cut\nContent-Type: text/x-filler\n\nx\n", 1000));
        var sample = Samples.Feedback("abuse").ReplaceLineEndings("\n");
        var first = sample.IndexOf("--cut\n", StringComparison.Ordinal);
        Assert.NotEqual(ReportShape.Feedback, _reader.Read(Samples.Octets(sample[..first] + filler + sample[first..]), nullSender: true).Shape);
    }

    [Fact]
    public void What_lies_beyond_the_limit_is_not_read()
    {
        var octets = Samples.Octets(Samples.Qmail);
        Assert.Equal(ReportKind.NotABounce, new BounceReader(new BounceReaderOptions { MaxOctets = 10 }).Read(octets, nullSender: true).Kind);
    }

    private static byte[] Damage(byte[] sample, int cut, IEnumerable<(int At, int Octet)> changes, byte[] splice, int at)
    {
        var damaged = sample.ToArray();
        foreach (var (position, octet) in changes)
        {
            damaged[position] = (byte)octet;
        }

        return [.. damaged[..cut], .. splice[at..]];
    }
}
