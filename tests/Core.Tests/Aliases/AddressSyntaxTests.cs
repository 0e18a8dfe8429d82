using FsCheck;
using FsCheck.Fluent;
using Smtpy.Core.Aliases;

namespace Smtpy.Core.Tests.Aliases;

public sealed class AddressSyntaxTests
{
    [Theory]
    [InlineData("jane@mail.test", "jane@mail.test")]
    [InlineData("Jane.Doe+x@Mail.TEST.", "Jane.Doe+x@mail.test")]
    [InlineData("jörg@bücher.test", "jörg@xn--bcher-kva.test")]
    [InlineData("o'neil@mail.test", "o'neil@mail.test")]
    public void Good_addresses_are_normalised(string given, string expected) => Assert.Equal(expected, AddressSyntax.Normalise(given));

    [Theory]
    [InlineData("")]
    [InlineData("jane")]
    [InlineData("@mail.test")]
    [InlineData("jane@")]
    [InlineData(".jane@mail.test")]
    [InlineData("ja..ne@mail.test")]
    [InlineData("jane@mail..test")]
    [InlineData("jane@-mail.test")]
    [InlineData("ja ne@mail.test")]
    [InlineData("\"jane\"@mail.test")]
    [InlineData("jane@[192.0.2.1]")]
    [InlineData("jane@mail.test\r\nRCPT TO:<x@y>")]
    [InlineData("<jane@mail.test>")]
    [InlineData("jane\u202Eenaj@mail.test")]
    [InlineData("jane\u0085@mail.test")]
    [InlineData("jane\u00A0doe@mail.test")]
    public void What_is_no_address_is_refused(string given) => Assert.Null(AddressSyntax.Normalise(given));

    [Fact]
    public void Any_text_at_all_gets_an_answer_and_a_good_one_is_stable()
    {
        // Few characters, so that many texts are addresses and many others nearly are.
        var texts = Gen.Elements("ab.@-+_ü<> \"\r\n\0\u0085A1".ToCharArray()).ArrayOf().Select(static chars => new string(chars));
        Prop.ForAll(Gen.OneOf(texts, texts.Select(static text => text + "@mail.test")).ToArbitrary(), static text =>
        {
            var once = AddressSyntax.Normalise(text);
            return once is null || (string.Equals(AddressSyntax.Normalise(once), once, StringComparison.Ordinal)
                && !once.Any(static c => char.IsControl(c) || char.IsWhiteSpace(c) || c is '<' or '>' or '"'));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
    }
}
