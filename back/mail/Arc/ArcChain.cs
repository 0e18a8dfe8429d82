using Smtpy.Mail.Dkim;
using Smtpy.Mail.Headers;

namespace Smtpy.Mail.Arc;

/// <summary>The ARC sets of a message, read from its header before the body is there (RFC 8617 section 4.2).</summary>
public sealed class ArcChain
{
    /// <summary>Sets of a chain; more make it fail (RFC 8617 section 4.2.1).</summary>
    public const int MaxSets = 50;

    private const int FieldsPerSet = 3;

    /// <summary>Of no length until there is a set, which most messages never have.</summary>
    private ArcSet[] _byInstance = [];

    private ArcChain(HeaderIndex header) => Header = header;

    /// <summary>Sets found, whole or not.</summary>
    public int Instances { get; private set; }

    /// <summary>The highest set's number; 0 where there is none.</summary>
    public int Highest { get; private set; }

    /// <summary>The highest set says that the chain has failed: nobody adds to it any more (RFC 8617 section 5.1).</summary>
    public bool IsClosed => Highest > 0 && _byInstance[Highest].Seal?.ChainValidation == "fail";

    /// <summary>What a <see cref="BodyHasher"/> must work out for <see cref="ArcVerifier.VerifyAsync"/>.</summary>
    public IEnumerable<BodyHashKind> BodyHashes => Fault is not null
        ? []
        : Sets.ToArray().Where(set => set.Message!.Fault is null).Select(set => set.Message!.BodyHash);

    internal HeaderIndex Header { get; }

    /// <summary>Why the chain fails already; null where its signatures decide.</summary>
    internal string? Fault { get; private set; }

    /// <summary>The sets from 1 on; whole where there is no <see cref="Fault"/>.</summary>
    internal ReadOnlySpan<ArcSet> Sets => Highest == 0 ? [] : _byInstance.AsSpan(1, Highest);

    public static ArcChain Read(HeaderIndex header, DkimVerifierOptions options)
    {
        ArgumentNullException.ThrowIfNull(header);
        ArgumentNullException.ThrowIfNull(options);
        var chain = new ArcChain(header);
        if (header.All("ARC-Seal"u8).Count + header.All("ARC-Message-Signature"u8).Count + header.All("ARC-Authentication-Results"u8).Count > 0)
        {
            chain.ReadSets(header, options);
        }

        return chain;
    }

    private void ReadSets(HeaderIndex header, DkimVerifierOptions options)
    {
        _byInstance = new ArcSet[MaxSets + 1];
        foreach (var index in Fields("ARC-Authentication-Results"u8))
        {
            Add(ArcInstance.OfResults(header.Field(index).RawValue), set => set.Results is null, set => set with { Results = header.Raw(index) });
        }

        foreach (var index in Fields("ARC-Message-Signature"u8))
        {
            var signature = MessageSignature.ReadArc(header, index, options.MaxFieldOctets, out var list);
            Add(ArcInstance.Of(list), set => set.Message is null, set => set with { Message = signature });
        }

        foreach (var index in Fields("ARC-Seal"u8))
        {
            var seal = ArcSeal.Read(header, index, options.MaxFieldOctets, out var list);
            Add(ArcInstance.Of(list), set => set.Seal is null, set => set with { Seal = seal });
        }

        CheckStructure();
    }

    private IEnumerable<int> Fields(ReadOnlySpan<byte> name)
    {
        var all = Header.All(name);
        if (all.Count > MaxSets)
        {
            Fault = $"more than {MaxSets} sets";
        }

        return all.Take(MaxSets);
    }

    private void Add(int instance, Func<ArcSet, bool> isFree, Func<ArcSet, ArcSet> add)
    {
        if (instance == 0)
        {
            Fault ??= "a field of no instance";
            return;
        }

        Highest = Math.Max(Highest, instance);
        var set = _byInstance[instance];
        if (set.Count == 0)
        {
            Instances++;
        }

        if (!isFree(set))
        {
            Fault ??= $"set {instance} has a field twice";
            return;
        }

        _byInstance[instance] = add(set) with { Count = set.Count + 1 };
    }

    /// <summary>RFC 8617 section 5.2, steps 2 and 3.</summary>
    private void CheckStructure()
    {
        if (IsClosed)
        {
            Fault ??= "the chain had failed before";
        }

        for (var instance = 1; instance <= Highest; instance++)
        {
            var set = _byInstance[instance];
            if (set.Count != FieldsPerSet)
            {
                Fault ??= $"set {instance} is not whole";
            }
            else if (set.Seal!.Fault is { } fault)
            {
                Fault ??= fault;
            }
            else if (set.Seal.ChainValidation != (instance == 1 ? "none" : "pass"))
            {
                Fault ??= $"cv= of set {instance} is not possible";
            }
        }
    }
}

/// <summary>The fields of one instance, as far as they are there.</summary>
internal readonly record struct ArcSet(ReadOnlyMemory<byte>? Results, MessageSignature? Message, ArcSeal? Seal, int Count);
