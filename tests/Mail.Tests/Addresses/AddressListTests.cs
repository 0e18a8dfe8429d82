using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Smtpy.Mail.Addresses;
using Smtpy.Mail.Headers;
using Xunit;

namespace Smtpy.Mail.Tests.Addresses;

public sealed class AddressListTests
{
    [Theory]
    [InlineData("jane@shop.example", "|jane@shop.example")]
    [InlineData("<jane@shop.example>", "|jane@shop.example")]
    [InlineData("Jane Doe <jane@Shop.Example>", "Jane Doe|jane@shop.example")]
    [InlineData("\"Doe, Jane\" <jane@shop.example>", "Doe, Jane|jane@shop.example")]
    [InlineData("\"Jane \\\"J\\\" Doe\" <jane@shop.example>", "Jane \"J\" Doe|jane@shop.example")]
    [InlineData("jane@shop.example (Jane Doe)", "Jane Doe|jane@shop.example")]
    [InlineData("Jane (in (the) office) Doe <jane(x)@shop.example>", "Jane Doe|jane@shop.example")]
    [InlineData("a@x.example, b@y.example", "|a@x.example", "|b@y.example")]
    [InlineData("a@x.example; B <b@y.example>;", "|a@x.example", "B|b@y.example")]
    [InlineData("Friends: a@x.example, B <b@y.example>; , c@z.example", "|a@x.example", "B|b@y.example", "|c@z.example")]
    [InlineData("undisclosed-recipients:;")]
    [InlineData("")]
    [InlineData(" , ,;(nobody)")]
    public void Lists_of_the_standard_are_read(string value, params string[] expected) => Assert.Equal(expected, Read(value)); // RFC 5322 section 3.4

    [Theory]
    [InlineData("jane . doe @ shop . example", "|jane.doe@shop.example")]
    [InlineData("Jane <@relay.example,@b.example:jane@shop.example>", "Jane|jane@shop.example")]
    [InlineData("J. R. Doe <jane@shop.example>", "J. R. Doe|jane@shop.example")]
    [InlineData("Jane\r\n Doe\r\n\t<jane@shop.example>", "Jane Doe|jane@shop.example")]
    [InlineData("< jane @ shop.example >", "|jane@shop.example")]
    public void Obsolete_forms_are_read(string value, params string[] expected) => Assert.Equal(expected, Read(value)); // RFC 5322 section 4.4

    [Theory]
    [InlineData("Jane Doe jane@shop.example", "Jane Doe|jane@shop.example")]
    [InlineData("Jane <jane@shop.example", "Jane|jane@shop.example")]
    [InlineData("Jane <jane@shop.example, bob@shop.example", "Jane|jane@shop.example", "|bob@shop.example")]
    [InlineData("<<jane@shop.example>>", "|jane@shop.example")]
    [InlineData("'jane@shop.example' <jane@shop.example>", "jane@shop.example|jane@shop.example")]
    [InlineData("'jane@shop.example'", "|jane@shop.example")]
    [InlineData("mailto:jane@shop.example", "|jane@shop.example")]
    [InlineData("<mailto:jane@shop.example>", "|jane@shop.example")]
    [InlineData("jane@shop.example.", "|jane@shop.example")]
    [InlineData("<jane..doe.@docomo.example>", "|\"jane..doe.\"@docomo.example")]
    [InlineData("\"Jane <jane@shop.example>", "Jane|jane@shop.example")]
    [InlineData("j\u00fcrgen@b\u00fccher.example", "|j\u00fcrgen@xn--bcher-kva.example")]
    public void What_programs_write_is_read_too(string value, params string[] expected) => Assert.Equal(expected, Read(value));

    [Theory]
    [InlineData("=?utf-8?q?J=C3=BCrgen?= <j@x.example>", "J\u00fcrgen|j@x.example")]
    [InlineData("=?UTF-8?B?SsO8cmdlbg==?= Doe <j@x.example>", "J\u00fcrgen Doe|j@x.example")]
    [InlineData("\"=?utf-8?q?J=C3=BCrgen?=\" <j@x.example>", "J\u00fcrgen|j@x.example")]
    [InlineData("=?iso-8859-1?q?J=FCrgen?= <j@x.example>", "J\u00fcrgen|j@x.example")]
    [InlineData("=?windows-1251?b?z/Do4uXy?= <j@x.example>", "\u041f\u0440\u0438\u0432\u0435\u0442|j@x.example")]
    [InlineData("=?utf-8?q?a?= =?utf-8?q?b?= <j@x.example>", "ab|j@x.example")]
    [InlineData("=?utf-8?b?w?= =?utf-8?b?7w=?= <j@x.example>", null)]
    [InlineData("=?x-unknown?q?abc?= <j@x.example>", "=?x-unknown?q?abc?=|j@x.example")]
    [InlineData("J\u00fcrgen <j@x.example>", "J\u00fcrgen|j@x.example")]
    public void Display_names_are_decoded(string value, string? expected) // RFC 2047
    {
        var read = Assert.Single(Read(value));
        Assert.EndsWith("|j@x.example", read, StringComparison.Ordinal);
        if (expected is not null)
        {
            Assert.Equal(expected, read);
        }
    }

    [Fact]
    public void Octets_that_are_no_UTF8_are_read_as_windows_1252() =>
        Assert.Equal("J\u00fcrgen", Assert.Single(AddressList.Parse(Encoding.Latin1.GetBytes("J\u00fcrgen <j@x.example>")).Mailboxes).DisplayName);

    [Theory]
    [InlineData("nobody", 1)]
    [InlineData("a@x.example, nobody at all", 1)]
    [InlineData("<>", 1)]
    [InlineData("jane@[192.0.2.1], a@[IPv6:2001:db8::1]", 2)]
    [InlineData("<a\0@x.example>", 1)]
    [InlineData("\"a@x.example\"", 1)]
    [InlineData("=?utf-8?q?=3Ca=40x.example=3E?=", 1)]
    public void What_is_no_address_is_counted(string value, int unreadable) =>
        Assert.Equal(unreadable, AddressList.Parse(Encoding.UTF8.GetBytes(value)).Unreadable);

    [Fact]
    public void Limits_cut_the_list()
    {
        var many = Encoding.ASCII.GetBytes(string.Join(',', Enumerable.Range(0, 101).Select(i => $"a{i}@x.example")));
        var list = AddressList.Parse(many);
        Assert.True(list.IsCut);
        Assert.Equal(100, list.Mailboxes.Count);
        Assert.False(AddressList.Parse(many, new AddressListLimits { MaxMailboxes = 101 }).IsCut);
        Assert.True(AddressList.Parse(many, new AddressListLimits { MaxOctets = 20 }).IsCut);
    }

    [Theory]
    [InlineData("From: Jane <jane@shop.example>\r\n", AuthorKind.One, "jane@shop.example")]
    [InlineData("From: \"a@bank.example\" <x@evil.example>\r\n", AuthorKind.One, "x@evil.example")]
    [InlineData("From: a@bank.example <x@evil.example>\r\n", AuthorKind.One, "x@evil.example")]
    [InlineData("From: (<a@bank.example>) x@evil.example\r\n", AuthorKind.One, "x@evil.example")]
    [InlineData("From: x@evil.example (a@bank.example)\r\n", AuthorKind.One, "x@evil.example")]
    [InlineData("From : x@evil.example\r\n", AuthorKind.One, "x@evil.example")]
    [InlineData("From: <a@bank.example>, <x@evil.example>\r\n", AuthorKind.Several, "a@bank.example,x@evil.example")]
    [InlineData("From: <a@bank.example> <x@evil.example>\r\n", AuthorKind.Several, "a@bank.example,x@evil.example")]
    [InlineData("From: <a@bank.example<x@evil.example>\r\n", AuthorKind.Several, "a@bank.example,x@evil.example")]
    [InlineData("From: <x@evil.example> a@bank.example\r\n", AuthorKind.Several, "x@evil.example,a@bank.example")]
    [InlineData("From: a@bank.example: x@evil.example;\r\n", AuthorKind.Several, "a@bank.example,x@evil.example")]
    [InlineData("From: a@bank.example\r\nfrom: x@evil.example\r\n", AuthorKind.Several, "a@bank.example,x@evil.example")]
    [InlineData("From: a@bank.example\r\nFrom:\r\n", AuthorKind.Several, "a@bank.example")]
    [InlineData("From: a@bank.example x@evil.example\r\n", AuthorKind.Several, "a@bank.example,x@evil.example")]
    [InlineData("From: a@bank.example\0@evil.example\r\n", AuthorKind.Unreadable, "")]
    [InlineData("From: a@b@evil.example\r\n", AuthorKind.Unreadable, "")]
    [InlineData("From: nobody\r\n", AuthorKind.Unreadable, "")]
    [InlineData("From: x@evil.example, bank\r\n", AuthorKind.Unreadable, "x@evil.example")]
    [InlineData("From\r\n : a@bank.example\r\n", AuthorKind.Unreadable, "")]
    [InlineData("From: x@evil.example\r\nfrom \r\n\t: a@bank.example\r\n", AuthorKind.Unreadable, "x@evil.example")]
    [InlineData("From joe\r\n : x\r\nFrom: a@bank.example\r\nFromage\r\n : x\r\n", AuthorKind.One, "a@bank.example")]
    [InlineData("From:\r\n", AuthorKind.Missing, "")]
    [InlineData("Subject: x\r\n\r\nFrom: a@b.example\r\n", AuthorKind.Missing, "")]
    public void The_author_is_every_address_that_some_client_shows(string header, AuthorKind kind, string addresses)
    {
        var author = Author.Read(Encoding.UTF8.GetBytes(header));
        Assert.Equal((kind, addresses), (author.Kind, string.Join(',', author.Mailboxes.Select(m => m.Address.Address))));
    }

    [Fact]
    public void No_octets_break_the_parser() =>
        Prop.ForAll(Pieces.ToArbitrary(), value =>
        {
            var list = AddressList.Parse(value);
            Assert.All(list.Mailboxes, mailbox => Assert.True(EmailAddress.TryParse(mailbox.Address.Address, out _)));
            Assert.DoesNotContain('\n', string.Concat(list.Mailboxes.Select(mailbox => mailbox.DisplayName)));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000));

    [Fact]
    public void What_is_written_is_read_again() =>
        Prop.ForAll<string, byte>((name, count) =>
        {
            Assert.True(EmailAddress.TryParse("jane.doe@shop.example", out var address));
            var safe = Rewriting.Texts.Clean(name);
            var mailboxes = Enumerable.Range(0, (count % 4) + 1).Select(_ => new Mailbox(safe, address)).ToList();
            var output = new HeaderOutput(100);
            output.Mailboxes("To"u8, mailboxes);
            Rewriting.Texts.AssertSound(output.Written.Span);
            Assert.True(Ascii.IsValid(output.Written.Span));
            Assert.True(new HeaderBlock(output.Written.Span).TryFind("To"u8, out var field));
            Assert.Equal(mailboxes, AddressList.Parse(field.RawValue).Mailboxes);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    private static readonly Gen<byte[]> Pieces = Gen.Elements(
        "\"", "<", ">", "(", ")", "\\", ",", ";", ":", "@", "a@b.example", " ", "\r\n ", "\0", "\u00fc", "=?utf-8?q?=3C?=", "=?", "?=", "[", "]", "x", ".", "'", "mailto:")
        .ListOf().Select(words => Encoding.UTF8.GetBytes(string.Concat(words)));

    private static string[] Read(string value) =>
        [.. AddressList.Parse(Encoding.UTF8.GetBytes(value)).Mailboxes.Select(mailbox => $"{mailbox.DisplayName}|{mailbox.Address.Address}")];
}
