namespace Smtpy.Mail.Dmarc;

/// <summary>Whether the record's domain is a public suffix (tag "psd").</summary>
internal enum PublicSuffix
{
    Unknown = 0,
    Yes = 1,
    No = 2,
}

/// <summary>A DMARC policy record: the tags that judging needs.</summary>
internal sealed record DmarcRecord
{
    public PolicyTag P { get; init; }

    public PolicyTag Sp { get; init; }

    public PolicyTag Np { get; init; }

    public bool StrictDkim { get; init; }

    public bool StrictSpf { get; init; }

    public bool Testing { get; init; }

    public PublicSuffix Psd { get; init; }

    /// <summary>"rua" has at least one well-formed URI.</summary>
    public bool HasReportAddress { get; init; }

    private bool PoliciesAreValid => P.IsValid && (!Sp.IsPresent || Sp.IsValid) && (!Np.IsPresent || Np.IsValid);

    /// <summary>RFC 9989 section 4.10.1: a record without valid policies counts as "p=none" if it wants reports, else as none at all.</summary>
    public DmarcRecord? Usable() =>
        PoliciesAreValid ? this : HasReportAddress ? this with { P = new(true, DmarcPolicy.None), Sp = default, Np = default } : null;
}

/// <param name="Value">Null where the value is none of those defined.</param>
internal readonly record struct PolicyTag(bool IsPresent, DmarcPolicy? Value)
{
    public bool IsValid => Value is not null;
}
