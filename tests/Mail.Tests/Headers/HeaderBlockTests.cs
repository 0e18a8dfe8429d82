using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Smtpy.Mail.Headers;
using Xunit;

namespace Smtpy.Mail.Tests.Headers;

public sealed class HeaderBlockTests
{
    private static readonly Gen<byte[]> HeaderLike = Gen.Elements(
        "Received:", "Subject", ":", " ", "\t", "\r\n", "\r\n", "\n", "\r", "x", "\u00fc", "\0", "Received: by x\r\n").ListOf()
        .Select(words => Encoding.UTF8.GetBytes(string.Concat(words)));

    [Fact]
    public void Every_octet_before_the_empty_line_belongs_to_one_field() =>
        Prop.ForAll(HeaderLike.ToArbitrary(), octets =>
        {
            var joined = new MemoryStream();
            foreach (var field in new HeaderBlock(octets))
            {
                Assert.False(field.Raw.IsEmpty);
                Assert.DoesNotContain('\n', field.Value());
                joined.Write(field.Raw);
            }

            var block = new HeaderBlock(octets);
            Assert.Equal(block.Length, joined.Length);
            Assert.Equal(octets[..block.Length], joined.ToArray());
            Assert.Equal(block.IsComplete, block.Length < octets.Length);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    [Fact]
    public void Fields_keep_their_spelling_and_unfold_on_demand()
    {
        var block = new HeaderBlock("Subject:  one\r\n\ttwo  \r\nX-Empty:\r\nsubject : three\r\n\r\nSubject: body\r\n"u8);
        Assert.True(block.TryFind("SUBJECT"u8, out var field));
        Assert.Equal("Subject:  one\r\n\ttwo  \r\n", Encoding.ASCII.GetString(field.Raw));
        Assert.Equal("Subject", Encoding.ASCII.GetString(field.Name));
        Assert.Equal("  one\r\n\ttwo  \r\n", Encoding.ASCII.GetString(field.RawValue));
        Assert.Equal("one\ttwo", field.Value());
        Assert.True(block.TryFind("x-empty"u8, out var empty));
        Assert.Equal("", empty.Value());
        Assert.Equal(2, block.Count("Subject"u8));
        Assert.True(block.IsComplete);
        Assert.False(block.TryFind("From"u8, out _));
    }

    [Fact]
    public void A_line_that_is_no_field_has_no_name()
    {
        var names = new List<string>();
        foreach (var field in new HeaderBlock("From x Mon Jan 1\r\n: none\r\nb\u00e4d: x\r\ngood: x\r\nno end"u8))
        {
            names.Add(Encoding.ASCII.GetString(field.Name));
        }

        Assert.Equal(["", "", "", "good", ""], names);
    }

    [Fact]
    public void Counting_allocates_nothing()
    {
        var message = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("Received: by x\r\n\tfor y\r\n", 100)) + "\r\nbody");
        new HeaderBlock(message).Count("received"u8);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var count = new HeaderBlock(message).Count("received"u8);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal(100, count);
    }

    [Fact]
    public void Without_an_empty_line_the_block_is_not_complete()
    {
        Assert.False(new HeaderBlock("A: b\r\n"u8).IsComplete);
        Assert.False(new HeaderBlock([]).IsComplete);
        Assert.True(new HeaderBlock("\r\n"u8).IsComplete);
    }
}
