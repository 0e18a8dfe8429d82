using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FsCheck;
using FsCheck.Fluent;
using Smtpy.Mail.TlsPolicy;
using Smtpy.Tests.Support.ScriptedPeer;
using Xunit;

namespace Smtpy.Mail.Tests.TlsPolicy;

/// <summary>RFC 7672 section 3, RFC 7671 section 9.</summary>
public sealed class DaneVerifierTests : IDisposable
{
    private readonly TestAuthority _authority = new();
    private readonly TestAuthority _other = new("Test");
    private readonly X509Certificate2 _leaf;
    private readonly X509Certificate2 _expired;

    public DaneVerifierTests()
    {
        _leaf = _authority.Issue("mx.one.example");
        _expired = _authority.Issue("mx.one.example", expired: true);
    }

    public void Dispose()
    {
        _authority.Dispose();
        _other.Dispose();
    }

    private static TlsaAssociation Record(int usage, int selector, int matching, X509Certificate2 certificate)
    {
        var octets = selector == 0 ? certificate.RawData : certificate.PublicKey.ExportSubjectPublicKeyInfo();
        return new TlsaAssociation(usage, selector, matching, matching switch { 1 => SHA256.HashData(octets), 2 => SHA512.HashData(octets), _ => octets });
    }

    private TlsResult Verify(X509Certificate2 certificate, TlsaAssociation record, string name = "mx.one.example") =>
        new DaneVerifier([record], [name, "one.example"]).Verify(certificate, [_authority.Intermediate]);

    public static TheoryData<int, int> Kinds => new(
        (0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2));

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_certificate_is_known_by_its_own_record(int selector, int matching)
    {
        Assert.Equal(TlsResult.Success, Verify(_leaf, Record(3, selector, matching, _leaf)));
        Assert.Equal(TlsResult.Success, Verify(_expired, Record(3, selector, matching, _expired), "another.example"));
        Assert.Equal(TlsResult.ValidationFailure, Verify(_leaf, Record(3, selector, matching, _expired)));
        Assert.Equal(TlsResult.ValidationFailure, Verify(_leaf, Record(3, selector, matching, _authority.Intermediate)));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_certificate_is_known_by_the_record_of_an_authority_above_it(int selector, int matching)
    {
        var record = Record(2, selector, matching, _authority.Intermediate);
        Assert.Equal(TlsResult.Success, Verify(_leaf, record));
        Assert.Equal(TlsResult.CertificateHostMismatch, new DaneVerifier([record], ["mx.two.example"]).Verify(_leaf, [_authority.Intermediate]));
        Assert.Equal(TlsResult.CertificateExpired, Verify(_expired, record));
        Assert.NotEqual(TlsResult.Success, Verify(_leaf, Record(2, selector, matching, _other.Intermediate)));
    }

    [Fact]
    public void An_authority_of_the_same_name_with_another_key_vouches_for_nothing()
    {
        var verifier = new DaneVerifier([Record(2, 0, 1, _other.Intermediate)], ["mx.one.example"]);
        Assert.NotEqual(TlsResult.Success, verifier.Verify(_leaf, [_other.Intermediate]));
        Assert.NotEqual(TlsResult.Success, verifier.Verify(_leaf, [_authority.Intermediate, _other.Intermediate]));
    }

    [Fact]
    public void A_root_that_stands_in_the_record_need_not_be_shown() =>
        Assert.Equal(TlsResult.Success, Verify(_leaf, Record(2, 0, 0, _authority.Root)));

    [Fact]
    public void Several_records_are_tried_until_one_fits()
    {
        var verifier = new DaneVerifier([Record(2, 0, 1, _other.Intermediate), Record(3, 1, 1, _expired), Record(3, 1, 1, _leaf)], []);
        Assert.Equal(TlsResult.Success, verifier.Verify(_leaf, []));
    }

    [Theory]
    [InlineData(0, 0, 1, 32)]
    [InlineData(1, 1, 1, 32)]
    [InlineData(4, 1, 1, 32)]
    [InlineData(3, 2, 1, 32)]
    [InlineData(3, 1, 3, 32)]
    [InlineData(3, 1, 1, 31)]
    [InlineData(3, 1, 2, 32)]
    [InlineData(3, 1, 0, 0)]
    public void Records_that_can_match_nothing_here_are_unusable(int usage, int selector, int matching, int length)
    {
        var record = new TlsaAssociation(usage, selector, matching, new byte[length]);
        Assert.False(record.IsUsable);
        Assert.Empty(TlsaAssociation.Usable([record]));
    }

    [Fact]
    public void Of_one_kind_only_the_strongest_digest_counts()
    {
        var weak = Record(3, 1, 1, _leaf);
        var strong = Record(3, 1, 2, _expired);
        var whole = Record(3, 1, 0, _leaf);
        var other = Record(3, 0, 1, _leaf);
        Assert.Equal([strong, whole, other], TlsaAssociation.Usable([weak, strong, whole, other]));
        Assert.Equal([weak], TlsaAssociation.Usable([weak, new TlsaAssociation(3, 1, 2, new byte[3])]));
    }

    [Fact]
    public void No_record_is_too_odd() =>
        Prop.ForAll(ArbMap.Default.GeneratorFor<(byte, byte, byte, byte[])>().ToArbitrary(), parts =>
        {
            var record = new TlsaAssociation(parts.Item1 % 5, parts.Item2 % 3, parts.Item3 % 4, parts.Item4 ?? []);
            Assert.False(record.Matches(_leaf));
            Assert.NotEqual(TlsResult.Success, new DaneVerifier(TlsaAssociation.Usable([record, record]), ["mx.one.example"]).Verify(_leaf, [_authority.Intermediate]));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
}
