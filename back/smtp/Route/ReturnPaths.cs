using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Smtpy.Mail.Addresses;

namespace Smtpy.Smtp.Route;

/// <summary>
/// Our envelope senders (variable envelope return paths): <c>b-ID-KORDINAL-DAY-MAC</c>, where K is the kind's letter and DAY
/// counts from 1970-01-01. A bounce that comes home names its delivery, and nobody else can make such an address up.
/// </summary>
/// <remarks>
/// The MAC (80 bits of HMAC-SHA-256, base32) covers all of the address but letter case, its domain included: relays are known
/// to change case, and an address seen at one domain must name nothing at another. Not SRS: that spells the sender's address
/// out, needs a second hop's form, does not fit 64 octets for long senders, and names a sender where a delivery is wanted.
/// Addresses of the first form, <c>b-ID-MAC</c>, are at the host name only and never expire; they are still read, because
/// bounces of mail that left before an update come after it.
/// </remarks>
public sealed class ReturnPaths(string hostname, byte[] secret, TimeProvider time, ReturnPathOptions? options = null)
{
    private const string Prefix = "b-";

    /// <summary>80 bits: far beyond guessing at the rate a server answers RCPT.</summary>
    private const int MacLength = 10;

    private const int MacTextLength = MacLength * 8 / 5;

    /// <summary>What is left of a path (RFC 5321 section 4.5.3.1.3) for the domain beside the longest local part.</summary>
    private const int LongestDomain = AddressLimits.Path - 2 - AddressLimits.LocalPart - 1;

    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";

    private const string KindLetters = "frn";

    private static readonly SearchValues<char> MacCharacters = SearchValues.Create(Alphabet);

    private readonly int _validDays = (options ?? new ReturnPathOptions()).ValidDays;

    private readonly byte[] _key = HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, 32, info: "smtpy return path 2"u8.ToArray());

    private readonly byte[] _firstKey = HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, 32, info: "smtpy return path"u8.ToArray());

    /// <summary>The envelope sender for a delivery. (Whether it has one at all, RFC 5321 section 4.5.5, is the caller's to say.)</summary>
    /// <param name="messageId">Not negative.</param>
    /// <param name="ordinal">Of the delivery, or the first of those that leave together; not negative.</param>
    /// <param name="kind">Comes back with the bounce.</param>
    /// <param name="domain">
    /// One whose MX is this server, lower case, A-labels; the host name when null. A reply needs its alias's domain, so that SPF
    /// passes for the domain of its From (RFC 7489 section 3.1.2). One too long to fit a path gives way to the host name.
    /// </param>
    public string For(long messageId, int ordinal, ReturnPathKind kind = ReturnPathKind.Forward, string? domain = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(messageId);
        ArgumentOutOfRangeException.ThrowIfNegative(ordinal);
        if (domain is null || domain.Length > LongestDomain)
        {
            domain = hostname;
        }

        var stem = string.Create(CultureInfo.InvariantCulture, $"{Prefix}{messageId}-{KindLetters[(int)kind]}{ordinal}-{Today()}-");
        return $"{stem}{Mac(_key, $"{stem}@{domain.ToLowerInvariant()}")}@{domain}";
    }

    /// <summary>Reads an address that mail is sent to.</summary>
    /// <param name="localPart">In any case.</param>
    /// <param name="domain">In any case; A-labels.</param>
    public ReturnPath Read(string localPart, string domain)
    {
        if (localPart.Length > AddressLimits.LocalPart || !localPart.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
        {
            return default;
        }

        var local = localPart.ToLowerInvariant();
        var macAt = local.LastIndexOf('-') + 1;
        var mac = local.AsSpan(macAt);
        if (mac.Length != MacTextLength || mac.ContainsAnyExcept(MacCharacters))
        {
            return default;
        }

        var fields = local[Prefix.Length..Math.Max(Prefix.Length, macAt - 1)].Split('-');
        return fields switch
        {
            [var id] => ReadFirstForm(id, mac, domain),
            [var id, var delivery, var day] => Read(id, delivery, day, mac, $"{local[..macAt]}@{domain.ToLowerInvariant()}"),
            _ => default,
        };
    }

    private ReturnPath Read(string id, string delivery, string day, ReadOnlySpan<char> mac, string covered)
    {
        var kind = delivery.Length == 0 ? -1 : KindLetters.IndexOf(delivery[0], StringComparison.Ordinal);
        if (kind < 0 || !TryNumber(id, out var messageId)
            || !TryNumber(delivery.AsSpan(1), out var ordinal) || ordinal > int.MaxValue
            || !TryNumber(day, out var made) || made > int.MaxValue)
        {
            return default;
        }

        // Made tomorrow is valid: a clock that was set back must not cost a bounce.
        var standing = !IsMac(mac, _key, covered) ? ReturnPathStanding.Forged
            : Today() - made > _validDays ? ReturnPathStanding.Expired
            : ReturnPathStanding.Valid;
        return standing == ReturnPathStanding.Forged
            ? new ReturnPath(standing, 0, null, default)
            : new ReturnPath(standing, messageId, (int)ordinal, (ReturnPathKind)kind);
    }

    private ReturnPath ReadFirstForm(string id, ReadOnlySpan<char> mac, string domain)
    {
        if (!TryNumber(id, out var messageId) || !domain.Equals(hostname, StringComparison.OrdinalIgnoreCase))
        {
            return default;
        }

        return IsMac(mac, _firstKey, messageId.ToString(CultureInfo.InvariantCulture))
            ? new ReturnPath(ReturnPathStanding.Valid, messageId, null, ReturnPathKind.Forward)
            : new ReturnPath(ReturnPathStanding.Forged, 0, null, default);
    }

    private long Today() => time.GetUtcNow().ToUnixTimeSeconds() / 86_400;

    private static bool TryNumber(ReadOnlySpan<char> text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private static bool IsMac(ReadOnlySpan<char> text, byte[] key, string covered)
    {
        Span<byte> given = stackalloc byte[MacTextLength];
        Span<byte> right = stackalloc byte[MacTextLength];
        Ascii.FromUtf16(text, given, out _);
        Ascii.FromUtf16(Mac(key, covered), right, out _);
        return CryptographicOperations.FixedTimeEquals(given, right);
    }

    private static string Mac(byte[] key, string covered)
    {
        Span<byte> mac = stackalloc byte[32];
        HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(covered), mac);
        Span<char> text = stackalloc char[MacTextLength];
        int buffer = 0, bits = 0, at = 0;
        foreach (var octet in mac[..MacLength])
        {
            buffer = (buffer << 8) | octet;
            for (bits += 8; bits >= 5; bits -= 5)
            {
                text[at++] = Alphabet[(buffer >> (bits - 5)) & 31];
            }

            buffer &= 31;
        }

        return new string(text);
    }
}
