using System.Buffers;
using System.Security.Cryptography;
using Smtpy.Mail.Headers;

namespace Smtpy.Mail.Dkim;

/// <summary>Gathers the canonical header fields that a signature covers, and hashes them (RFC 6376 section 3.7).</summary>
internal sealed class HeaderHash(Canonicalization canonicalization)
{
    private readonly ArrayBufferWriter<byte> _octets = new(4096);

    public void Add(ReadOnlySpan<byte> raw) => HeaderCanonicalizer.Append(_octets, raw, canonicalization);

    /// <summary>
    /// The fields named, each name taking the next one from the bottom up; a name that finds none adds nothing, so that adding such a
    /// field breaks the signature (RFC 6376 sections 5.4 and 5.4.2).
    /// </summary>
    /// <param name="own">The signature's own field, which is not there when it is signed; -1 when it is not in the header.</param>
    public void AddSelected(HeaderIndex header, IReadOnlyList<ReadOnlyMemory<byte>> names, int own)
    {
        // By the lowest field of the name: the one to take next.
        Dictionary<int, int> next = [];
        foreach (var name in names)
        {
            var last = header.Last(name.Span);
            if (last < 0)
            {
                continue;
            }

            var index = next.GetValueOrDefault(last, last);
            if (index == own && index >= 0)
            {
                index = header.Previous(index);
            }

            if (index >= 0)
            {
                Add(header.Raw(index).Span);
                index = header.Previous(index);
            }

            next[last] = index;
        }
    }

    /// <summary>
    /// The hash with the signature's own field at the end, its signature value taken out. What was gathered stays, so that a later seal
    /// can go on from here.
    /// </summary>
    public byte[] With(ReadOnlySpan<byte> raw, Range signatureValue)
    {
        var field = HeaderCanonicalizer.WithoutLineEnd(raw);
        var (start, length) = signatureValue.GetOffsetAndLength(raw.Length);
        byte[] emptied = [.. field[..start], .. field[Math.Min(start + length, field.Length)..]];
        var own = new ArrayBufferWriter<byte>(emptied.Length + 1);
        HeaderCanonicalizer.AppendUnended(own, emptied, canonicalization);

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(_octets.WrittenSpan);
        hash.AppendData(own.WrittenSpan);
        return hash.GetHashAndReset();
    }
}
