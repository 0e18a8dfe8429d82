using FsCheck;
using FsCheck.Fluent;
using Smtpy.Mail.Addresses;
using Xunit;

namespace Smtpy.Mail.Tests.Addresses;

public sealed class EmailAddressTests
{
    [Theory]
    [InlineData("Jane.Doe+tag@Example.COM", "Jane.Doe+tag", "example.com", "Jane.Doe+tag@example.com")]
    [InlineData("\"jane doe\"@example.com", "jane doe", "example.com", "\"jane doe\"@example.com")]
    [InlineData("j\u00fcrgen@B\u00dcCHER.example", "j\u00fcrgen", "xn--bcher-kva.example", "j\u00fcrgen@xn--bcher-kva.example")]
    [InlineData("a@localhost", "a", "localhost", "a@localhost")]
    public void A_valid_address_has_one_spelling_of_its_domain(string text, string local, string domain, string address)
    {
        Assert.True(EmailAddress.TryParse(text, out var parsed, out var reason), reason);
        Assert.Equal((local, domain, address), (parsed.LocalPart, parsed.Domain, parsed.Address));
    }

    [Theory]
    [InlineData(null, "is missing")]
    [InlineData("", "is empty")]
    [InlineData("jane", "has no @")]
    [InlineData("@example.com", "has no valid part before the @")]
    [InlineData(".jane@example.com", "has no valid part before the @")]
    [InlineData("jane doe@example.com", "has a character before the @ that needs quoting")]
    [InlineData("jane@", "has no valid domain after the @")]
    [InlineData("jane@exa mple.com", "has no valid domain after the @")]
    [InlineData("jane@example.com.", "has no valid domain after the @")]
    [InlineData("jane@-x.example", "has no valid domain after the @")]
    [InlineData("jane@[192.0.2.1]", "has no valid domain after the @")]
    [InlineData("jane@\u3002example", "has no valid domain after the @")]
    [InlineData("jane@\ufffd.example", "has no valid domain after the @")]
    [InlineData("a\r\nRCPT TO:<x@y>@example.com", "has a character before the @ that needs quoting")]
    public void An_invalid_address_says_why(string? text, string expected)
    {
        Assert.False(EmailAddress.TryParse(text, out var parsed, out var reason));
        Assert.Null(parsed);
        Assert.Equal(expected, reason);
    }

    [Fact]
    public void Half_a_surrogate_pair_is_no_text()
    {
        Assert.False(EmailAddress.TryParse("jane@\ud800.example", out _, out var reason));
        Assert.Equal("is not valid Unicode text", reason);
    }

    [Fact]
    public void The_limits_of_the_rfc_hold()
    {
        Assert.True(EmailAddress.TryParse(new string('a', 64) + "@example.com", out _));
        Assert.False(EmailAddress.TryParse(new string('a', 65) + "@example.com", out _, out var local));
        Assert.Equal("has more than 64 octets before the @", local);
        Assert.False(EmailAddress.TryParse("a@" + string.Join('.', Enumerable.Repeat(new string('b', 63), 4)), out _, out var path));
        Assert.Equal("is longer than 254 octets", path);
    }

    [Fact]
    public void No_text_breaks_the_parser_and_what_it_takes_it_takes_again() =>
        Prop.ForAll<string?>(text =>
        {
            foreach (var candidate in new[] { text, $"a@{text}", $"{text}@b.example", $"\"{text}\"@b.example" })
            {
                if (EmailAddress.TryParse(candidate, out var address))
                {
                    Assert.True(EmailAddress.TryParse(address.Address, out var again));
                    Assert.Equal(address, again);
                }
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));
}
