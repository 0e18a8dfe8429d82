using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Smtpy.Mail.Headers;
using Smtpy.Mail.Tests.Rewriting;
using Xunit;

namespace Smtpy.Mail.Tests.Headers;

public sealed class HeaderEditTests
{
    private static readonly byte[] Header = "mbox line\r\nReceived: a\r\nSubject:  old\r\n\tspelling\r\nreceived: b\r\nX-Last: 1\r\n\r\nbody"u8.ToArray();

    [Fact]
    public void What_is_not_named_keeps_its_octets_and_its_place()
    {
        var edited = new HeaderEdit().Remove("RECEIVED").Prepend("A: 1\r\n"u8.ToArray()).Prepend("B: 2\r\n"u8.ToArray()).Append("Z: 3\r\n"u8.ToArray())
            .Apply(Header);
        Assert.Equal("B: 2\r\nA: 1\r\nmbox line\r\nSubject:  old\r\n\tspelling\r\nX-Last: 1\r\nZ: 3\r\n", Texts.Ascii(edited));
    }

    [Fact]
    public void A_field_is_replaced_where_it_stands_and_its_doubles_go() =>
        Assert.Equal("mbox line\r\nReceived: new\r\nSubject:  old\r\n\tspelling\r\nX-Last: 1\r\n",
            Texts.Ascii(new HeaderEdit().Replace("Received", "Received: new\r\n"u8.ToArray()).Replace("Missing", "Missing: 1\r\n"u8.ToArray()).Apply(Header)));

    [Fact]
    public void A_predicate_removes() =>
        Assert.Equal("mbox line\r\nSubject:  old\r\n\tspelling\r\n",
            Texts.Ascii(new HeaderEdit().Remove((in HeaderField field) => field.Is("Received"u8) || field.Name.StartsWith("X-"u8)).Apply(Header)));

    [Fact]
    public void Without_a_change_nothing_changes() => Assert.Equal(Header[..^6], new HeaderEdit().Apply(Header).ToArray());

    [Fact]
    public void What_breaks_the_rules_of_the_wire_is_repaired() =>
        Prop.ForAll(Gen.Elements("A: ", "b", "\r", "\n", "\r\n ", "\0", "\n\t", new string('x', 600)).ListOf().Select(string.Concat).ToArbitrary(), text =>
        {
            var edited = new HeaderEdit().Remove((in HeaderField field) => field.Name.IsEmpty).Apply(Encoding.ASCII.GetBytes(text));
            foreach (var field in new HeaderBlock(edited.Span))
            {
                Assert.True(HeaderOutput.IsSound(field.Raw), text);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    [Theory]
    [InlineData("plain", "Subject: plain\r\n")]
    [InlineData("J\u00fcrgen", "Subject: =?utf-8?q?J=C3=BCrgen?=\r\n")]
    [InlineData("\u041f\u0440\u0438\u0432\u0435\u0442", "Subject: =?utf-8?b?0J/RgNC40LLQtdGC?=\r\n")]
    [InlineData("looks =?utf-8?q?encoded?=", "Subject: =?utf-8?b?bG9va3MgPT91dGYtOD9xP2VuY29kZWQ/PQ==?=\r\n")]
    public void Text_is_encoded_where_it_must(string text, string expected)
    {
        var output = new HeaderOutput(100);
        output.Text("Subject"u8, text);
        Assert.Equal(expected, Texts.Ascii(output.Written));
    }

    [Fact]
    public void Long_text_is_folded_before_column_78_and_reads_the_same() =>
        Prop.ForAll<string>(text =>
        {
            text = Texts.Clean(text + " word \u00fc" + text + text);
            var output = new HeaderOutput(100);
            output.Text("Subject"u8, text);
            Texts.AssertSound(output.Written.Span);
            Assert.All(Texts.Ascii(output.Written).Split("\r\n"), line => Assert.InRange(line.Length, 0, 78 + 10));
            Assert.True(new HeaderBlock(output.Written.Span).TryFind("Subject"u8, out var field));
            Assert.Equal(text, EncodedWords.Decode(field.RawValue.Trim(" \r\n"u8)));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
}
