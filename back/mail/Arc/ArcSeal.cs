using Smtpy.Mail.Dkim;
using Smtpy.Mail.Headers;

namespace Smtpy.Mail.Arc;

/// <summary>An ARC-Seal (RFC 8617 section 4.1.3).</summary>
internal sealed class ArcSeal
{
    private ArcSeal(ReadOnlyMemory<byte> raw) => Raw = raw;

    public ReadOnlyMemory<byte> Raw { get; }

    public string? Fault { get; private set; }

    public string Domain { get; private set; } = "";

    public string Selector { get; private set; } = "";

    public SignatureAlgorithm Algorithm { get; private set; }

    /// <summary>cv=, lower case.</summary>
    public string ChainValidation { get; private set; } = "";

    public byte[] Signature { get; private set; } = [];

    public Range SignatureRange { get; private set; }

    public static ArcSeal Read(HeaderIndex header, int index, int maxOctets, out TagList? list)
    {
        list = null;
        var seal = new ArcSeal(header.Raw(index));
        var valueStart = seal.Raw.Length - header.Field(index).RawValue.Length;
        if (seal.Raw.Length > maxOctets)
        {
            seal.Fault = "a seal is too long";
        }
        else if (!TagList.TryParse(seal.Raw[valueStart..], out list, out var reason))
        {
            seal.Fault = "a seal has bad syntax: " + reason;
        }
        else
        {
            seal.ReadTags(list, valueStart);
        }

        return seal;
    }

    private void ReadTags(TagList list, int valueStart)
    {
        var tags = new SignatureTags(list);
        Domain = tags.DomainName("d"u8);
        Selector = tags.DomainName("s"u8);
        Signature = tags.Base64("b"u8);
        var value = list.WholeValue("b"u8);
        SignatureRange = (value.Start.Value + valueStart)..(value.End.Value + valueStart);
        ChainValidation = tags.Required("cv"u8).ToLowerInvariant();
        tags.Number("t"u8);
        if (!SignatureAlgorithmNames.TryParse(tags.Required("a"u8), out var algorithm))
        {
            tags.Fail("a= of a seal may not pass");
        }

        Algorithm = algorithm;
        if (list.Has("h"u8))
        {
            // RFC 8617 section 4.1.3: what a seal covers is given, and a list of its own makes the chain fail.
            tags.Fail("a seal has h=");
        }

        Fault = tags.Fault;
    }
}
