using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Smtpy.Mail.Server.Sasl;
using Xunit;

namespace Smtpy.Mail.Tests.Server;

public sealed class SaslTests
{
    // RFC 7677 section 3.
    private const string ClientFirst = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
    private const string ServerNonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    private const string ServerFirst = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
    private const string WithoutProof = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    private const string Proof = ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
    private const string ServerFinal = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

    private static readonly ScramCredentials Pencil = ScramCredentials.Create("pencil", 4096, Convert.FromBase64String("W22ZaJ0SNY7soEsUEjb6gQ=="));

    private static readonly Gen<byte[]> MessageLike = Gen.Elements(
        "n", "y", "p=", ",", "=", "n=", "r=", "a=", "m=", "c=", "p=", "biws", "user", "=2C", "=3D", "\0", "\u00fc", "\u200b", "\u0007",
        "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", WithoutProof, ClientFirst).ListOf().Select(words => Encoding.UTF8.GetBytes(string.Concat(words)));

    private static readonly Gen<byte[]> AnyMessage = Gen.OneOf(ArbMap.Default.GeneratorFor<byte[]>(), MessageLike);

    [Fact]
    public void The_example_of_rfc_7677_is_reproduced()
    {
        var exchange = Begin();
        Assert.Equal(ServerFirst, Encoding.ASCII.GetString(exchange.ServerFirst.Span));
        Assert.Equal(ScramResult.Proved, exchange.Finish(Encoding.ASCII.GetBytes(WithoutProof + Proof), out var serverFinal));
        Assert.Equal(ServerFinal, Encoding.ASCII.GetString(serverFinal.Span));
    }

    [Theory]
    [InlineData("c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k1", Proof)]
    [InlineData("c=biws,r=rOprNGfwEbeRWgbNEkqO", Proof)]
    [InlineData("c=eSws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0", Proof)]
    [InlineData(WithoutProof, ",p=eHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")]
    [InlineData(WithoutProof + ",x=added", Proof)]
    public void Nothing_that_was_changed_proves_anything(string withoutProof, string proof)
    {
        Assert.Equal(ScramResult.Wrong, Begin().Finish(Encoding.ASCII.GetBytes(withoutProof + proof), out var serverFinal));
        Assert.True(serverFinal.IsEmpty);
    }

    [Theory]
    [InlineData("")]
    [InlineData(WithoutProof)]
    [InlineData(WithoutProof + ",p=")]
    [InlineData(WithoutProof + ",p=AAAA")]
    [InlineData(WithoutProof + Proof + ",x=y")]
    [InlineData("c=?,r=a" + Proof)]
    [InlineData("r=a,c=biws" + Proof)]
    [InlineData(WithoutProof + ",=" + Proof)]
    public void A_final_message_out_of_form_is_told_apart_from_a_wrong_proof(string message) =>
        Assert.Equal(ScramResult.Malformed, Begin().Finish(Encoding.ASCII.GetBytes(message), out _));

    [Theory]
    [InlineData("n,,n=user,r=abc", "", "user", "n,,")]
    [InlineData("y,,n=user,r=abc", "", "user", "y,,")]
    [InlineData("n,a=other,n=user,r=abc", "other", "user", "n,a=other,")]
    [InlineData("n,,n=a=2Cb=3Dc,r=abc", "", "a,b=c", "n,,")]
    [InlineData("n,,n=user,r=abc,x=extension", "", "user", "n,,")]
    [InlineData("n,,n=m\u00fcller,r=abc", "", "m\u00fcller", "n,,")]
    public void A_first_message_is_read(string message, string authorizationId, string userName, string header)
    {
        Assert.True(ScramClientFirst.TryParse(Encoding.UTF8.GetBytes(message), out var first));
        Assert.Equal((authorizationId, userName, "abc"), (first.AuthorizationId, first.UserName, first.Nonce));
        Assert.Equal(header, Encoding.UTF8.GetString(first.Gs2Header.Span));
        Assert.Equal(message[header.Length..], Encoding.UTF8.GetString(first.Bare.Span));
    }

    [Theory]
    [InlineData("")]
    [InlineData("n")]
    [InlineData("n,")]
    [InlineData("n,,")]
    [InlineData("x,,n=user,r=abc")]
    [InlineData("p=tls-exporter,,n=user,r=abc")]
    [InlineData("n,user,n=user,r=abc")]
    [InlineData("n,,r=abc,n=user")]
    [InlineData("n,,n=us=er,r=abc")]
    [InlineData("n,,n=us=2cer,r=abc")]
    [InlineData("n,,n=us\ter,r=abc")]
    [InlineData("n,,n=user,r=a c")]
    [InlineData("n,,n=user,r=abc,")]
    [InlineData("n,,m=ext,n=user,r=abc")]
    public void A_first_message_out_of_form_is_refused(string message) =>
        Assert.False(ScramClientFirst.TryParse(Encoding.UTF8.GetBytes(message), out _));

    [Fact]
    public void No_message_breaks_a_parser() =>
        Prop.ForAll(AnyMessage.ToArbitrary(), message =>
        {
            if (ScramClientFirst.TryParse(message, out var first))
            {
                Assert.Equal(message, first.Gs2Header.ToArray().Concat(first.Bare.ToArray()));
                Assert.NotEmpty(first.UserName);
            }

            if (PlainMessage.TryParse(message, out var plain))
            {
                Assert.NotEmpty(plain.UserName);
                Assert.Equal(-1, plain.Password.Span.IndexOf((byte)0));
            }

            Assert.NotEqual(ScramResult.Proved, Begin().Finish(message, out _));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Fact]
    public void What_plain_carries_is_read_as_it_was_written() =>
        Prop.ForAll(Gen.Choose(33, 126).NonEmptyListOf().Select(codes => string.Concat(codes.Select(code => (char)code))).ToArbitrary(), text =>
        {
            Assert.True(PlainMessage.TryParse(Encoding.UTF8.GetBytes($"{text}\0user\0{text}"), out var plain) || text.Length > 320);
            Assert.Equal(text, plain is null ? text : Encoding.UTF8.GetString(plain.Password.Span));
        }).Check(Config.QuickThrowOnFailure);

    [Theory]
    [InlineData("pencil", true)]
    [InlineData("pencil ", false)]
    [InlineData("", false)]
    public void A_password_is_checked_against_what_is_stored_for_scram(string password, bool isRight) =>
        Assert.Equal(isRight, Pencil.Verify(Encoding.UTF8.GetBytes(password)));

    [Fact]
    public void Stored_credentials_are_one_line_and_come_back_the_same()
    {
        var line = Pencil.Format();
        Assert.Equal(
            "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=",
            line);
        Assert.True(ScramCredentials.TryParse(line, out var again));
        Assert.Equal(line, again.Format());
        Assert.True(again.Verify("pencil"u8));
        Assert.NotEqual(ScramCredentials.Create("pencil", 4096).Format(), ScramCredentials.Create("pencil", 4096).Format());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("SCRAM-SHA-1$4096:QQ==$QQ==:QQ==")]
    [InlineData("SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$QQ==:QQ==")]
    [InlineData("SCRAM-SHA-256$1:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=")]
    [InlineData("SCRAM-SHA-256$4096:$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=")]
    public void A_line_that_is_no_record_is_not_taken(string? line) => Assert.False(ScramCredentials.TryParse(line, out _));

    [Fact]
    public void Passwords_that_cannot_be_said_are_not_stored()
    {
        Assert.Throws<ArgumentException>(() => ScramCredentials.Create("tab\there"));
        Assert.Throws<ArgumentException>(() => ScramCredentials.Create(""));
        Assert.Throws<ArgumentException>(() => ScramCredentials.Create(new string('x', 1025)));
        Assert.Throws<ArgumentOutOfRangeException>(() => ScramCredentials.Create("pencil", 4095));
    }

    // RFC 4013 section 3, but for the two examples that need normal form KC.
    [Theory]
    [InlineData("I\u00adX", "IX")]
    [InlineData("user", "user")]
    [InlineData("USER", "USER")]
    [InlineData("a\u00a0b", "a b")]
    [InlineData("a\u3000b", "a b")]
    [InlineData("stra\u00dfe", "stra\u00dfe")]
    [InlineData("\U0001F511", "\U0001F511")]
    [InlineData("\u0007", null)]
    [InlineData("a\u0085b", null)]
    [InlineData("a\u202eb", null)]
    [InlineData("\ue000", null)]
    [InlineData("\ufffd", null)]
    [InlineData("\U000E0001", null)]
    public void Text_is_prepared_as_rfc_4013_says(string text, string? expected)
    {
        Assert.Equal(expected is not null, SaslPrep.TryPrepare(Encoding.UTF8.GetBytes(text), out var prepared));
        Assert.Equal(expected, prepared);
    }

    [Fact]
    public void What_is_no_utf8_is_not_prepared() => Assert.False(SaslPrep.TryPrepare([0x61, 0xff], out _));

    private static ScramExchange Begin() =>
        ScramClientFirst.TryParse(Encoding.ASCII.GetBytes(ClientFirst), out var first)
            ? new ScramExchange(first, Pencil, ServerNonce)
            : throw new InvalidOperationException("The example is not read");
}
