using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Smtpy.Mail.TlsPolicy;

/// <summary>One TLSA record (RFC 6698 section 2.1).</summary>
/// <param name="Usage">2: DANE-TA, 3: DANE-EE; 0 and 1 name public authorities, which mean nothing between mail servers (RFC 7672 section 3.1.3).</param>
/// <param name="Selector">0: the certificate, 1: its public key.</param>
/// <param name="Matching">0: the octets themselves, 1: SHA-256, 2: SHA-512.</param>
public sealed record TlsaAssociation(int Usage, int Selector, int Matching, ReadOnlyMemory<byte> Data)
{
    public const int TrustAnchor = 2;

    public const int EndEntity = 3;

    /// <summary>False for what cannot match any certificate, and for usages that are not for mail.</summary>
    public bool IsUsable => Usage is TrustAnchor or EndEntity && Selector is 0 or 1 && Matching switch
    {
        0 => !Data.IsEmpty,
        1 => Data.Length == SHA256.HashSizeInBytes,
        2 => Data.Length == SHA512.HashSizeInBytes,
        _ => false,
    };

    public bool Matches(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        if (!IsUsable)
        {
            return false;
        }

        var octets = Selector == 0 ? certificate.RawDataMemory.Span : certificate.PublicKey.ExportSubjectPublicKeyInfo();
        return Matching switch
        {
            0 => octets.SequenceEqual(Data.Span),
            1 => SHA256.HashData(octets).AsSpan().SequenceEqual(Data.Span),
            _ => SHA512.HashData(octets).AsSpan().SequenceEqual(Data.Span),
        };
    }

    /// <summary>As in a zone file, such as "3 1 1 0a1b…".</summary>
    public override string ToString() => $"{Usage} {Selector} {Matching} {Convert.ToHexStringLower(Data.Span)}";

    /// <summary>
    /// The usable ones. Of one usage and selector only those with the strongest digest: else who breaks the weaker one, which stands
    /// there for old clients, breaks all (RFC 7671 section 9).
    /// </summary>
    public static IReadOnlyList<TlsaAssociation> Usable(IReadOnlyList<TlsaAssociation> records)
    {
        ArgumentNullException.ThrowIfNull(records);
        return [.. records.Where(record => record.IsUsable && (record.Matching == 0 || record.Matching == Strongest(records, record)))];
    }

    private static int Strongest(IReadOnlyList<TlsaAssociation> records, TlsaAssociation like) => records
        .Where(record => record.IsUsable && record.Usage == like.Usage && record.Selector == like.Selector)
        .Max(record => record.Matching);
}
