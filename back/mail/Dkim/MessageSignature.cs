using System.Text;
using Smtpy.Mail.Headers;

namespace Smtpy.Mail.Dkim;

/// <summary>A signature over header and body: a DKIM-Signature (RFC 6376 section 3.5) or an ARC-Message-Signature (RFC 8617 section 4.1.2).</summary>
internal sealed class MessageSignature
{
    private MessageSignature(int index, ReadOnlyMemory<byte> raw)
    {
        Index = index;
        Raw = raw;
    }

    /// <summary>The field's place in the header.</summary>
    public int Index { get; }

    public ReadOnlyMemory<byte> Raw { get; }

    /// <summary>What is wrong with it; null where it can be verified.</summary>
    public string? Fault { get; private set; }

    /// <summary>With <see cref="Fault"/>, what that makes of it.</summary>
    public DkimVerdict FaultVerdict { get; private set; } = DkimVerdict.PermError;

    public string Domain { get; private set; } = "";

    public string Selector { get; private set; } = "";

    public string Identity { get; private set; } = "";

    public string IdentityDomain { get; private set; } = "";

    public string AlgorithmName { get; private set; } = "";

    public SignatureAlgorithm Algorithm { get; private set; }

    public string SignatureText { get; private set; } = "";

    public byte[] Signature { get; private set; } = [];

    /// <summary>In <see cref="Raw"/>.</summary>
    public Range SignatureRange { get; private set; }

    public byte[] ClaimedBodyHash { get; private set; } = [];

    public Canonicalization HeaderCanonicalization { get; private set; }

    public BodyHashKind BodyHash { get; private set; }

    public List<ReadOnlyMemory<byte>> HeaderNames { get; private set; } = [];

    /// <summary>t= and x=, seconds since 1970.</summary>
    public long? SignedAt { get; private set; }

    public long? ExpiresAt { get; private set; }

    public bool CoversHeader(ReadOnlySpan<byte> name)
    {
        foreach (var covered in HeaderNames)
        {
            if (Ascii.EqualsIgnoreCase(covered.Span, name))
            {
                return true;
            }
        }

        return false;
    }

    public static MessageSignature ReadDkim(HeaderIndex header, int index, int maxOctets)
    {
        var signature = new MessageSignature(index, header.Raw(index));
        if (signature.ReadList(maxOctets, out var valueStart) is { } list)
        {
            var tags = new SignatureTags(list);
            signature.ReadCommon(list, tags, valueStart, blankNames: false);
            if (tags.Required("v"u8) is not "1")
            {
                tags.Fail("v= is not 1");
            }

            signature.ReadIdentity(list, tags);
            if (!signature.CoversHeader("From"u8))
            {
                tags.Fail("From is not signed");
            }

            signature.Settle(tags);
        }

        return signature;
    }

    /// <summary>The same without a version, with an instance for i=, and never over a seal (RFC 8617 section 4.1.2).</summary>
    public static MessageSignature ReadArc(HeaderIndex header, int index, int maxOctets, out TagList? list)
    {
        var signature = new MessageSignature(index, header.Raw(index));
        list = signature.ReadList(maxOctets, out var valueStart);
        if (list is not null)
        {
            var tags = new SignatureTags(list);
            // As the RFC's authors' test suite has it, blank names in h= do no harm: a seal that covers nothing vouches for nothing.
            signature.ReadCommon(list, tags, valueStart, blankNames: true);
            if (signature.CoversHeader("ARC-Seal"u8))
            {
                tags.Fail("h= names ARC-Seal");
            }

            signature.Settle(tags);
        }

        return signature;
    }

    private TagList? ReadList(int maxOctets, out int valueStart)
    {
        valueStart = Raw.Length - new HeaderField(Raw.Span).RawValue.Length;
        if (Raw.Length > maxOctets)
        {
            Fault = $"longer than {maxOctets} octets";
            return null;
        }

        if (!TagList.TryParse(Raw[valueStart..], out var list, out var reason))
        {
            Fault = "bad syntax: " + reason;
        }

        return list;
    }

    private void ReadCommon(TagList list, SignatureTags tags, int valueStart, bool blankNames)
    {
        Domain = tags.DomainName("d"u8);
        Selector = tags.DomainName("s"u8);
        Identity = "@" + Domain;
        IdentityDomain = Domain;
        AlgorithmName = tags.Required("a"u8);
        SignatureText = list.Compact("b"u8) ?? "";
        Signature = tags.Base64("b"u8);
        var value = list.WholeValue("b"u8);
        SignatureRange = (value.Start.Value + valueStart)..(value.End.Value + valueStart);
        ClaimedBodyHash = tags.Base64("bh"u8);
        HeaderNames = tags.HeaderNames(blankNames);
        (HeaderCanonicalization, var body) = tags.Canonicalizations();
        BodyHash = new BodyHashKind(body, tags.Number("l"u8));
        tags.CheckQueryMethod();
        SignedAt = tags.Number("t"u8);
        ExpiresAt = tags.Number("x"u8);
        if (ExpiresAt <= SignedAt)
        {
            tags.Fail("x= is not after t=");
        }
    }

    private void ReadIdentity(TagList list, SignatureTags tags)
    {
        if (list.Compact("i"u8) is not { } identity)
        {
            return;
        }

        identity = QuotedPrintable.Decode(identity);
        if (identity.Any(char.IsControl))
        {
            tags.Fail("i= has a control character");
        }

        var at = identity.LastIndexOf('@');
        if (at < 0 || !Addresses.DomainName.TryNormalize(identity[(at + 1)..], out var domain))
        {
            tags.Fail("i= has no domain");
            return;
        }

        Identity = string.Concat(identity.AsSpan(0, at + 1), domain);
        IdentityDomain = domain;
        if (domain != Domain && !domain.EndsWith("." + Domain, StringComparison.Ordinal))
        {
            tags.Fail("the domain of i= is not within d=");
        }
    }

    private void Settle(SignatureTags tags)
    {
        Fault = tags.Fault;
        if (Fault is not null)
        {
            return;
        }

        if (SignatureAlgorithmNames.TryParse(AlgorithmName, out var algorithm))
        {
            Algorithm = algorithm;
        }
        else if (AlgorithmName.Equals("rsa-sha1", StringComparison.OrdinalIgnoreCase))
        {
            (Fault, FaultVerdict) = ("rsa-sha1 is no longer trusted", DkimVerdict.Policy);
        }
        else
        {
            Fault = "a= is not known";
        }
    }
}
