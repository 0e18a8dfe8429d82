namespace Smtpy.Mail.Dmarc;

/// <summary>
/// Reads policy records (RFC 9989 sections 4.7 and 4.8). Never throws: past the version, what is malformed or unknown is as if it were
/// not there. Of a tag that is repeated the first counts; the RFC does not say.
/// </summary>
internal static class DmarcRecordParser
{
    /// <summary>The record, or null where the text does not begin with the version: "v", "=" and exactly "DMARC1".</summary>
    public static DmarcRecord? Parse(ReadOnlySpan<char> text)
    {
        var seen = 0;
        DmarcRecord? record = null;
        foreach (var range in text.Split(';'))
        {
            var tag = text[range];
            var equals = tag.IndexOf('=');
            var name = equals < 0 ? [] : Trim(tag[..equals]);
            var value = Trim(tag[(equals + 1)..]);
            if (record is null)
            {
                // No white space before the version: section 4.8 has none.
                if (!name.Equals("v", StringComparison.OrdinalIgnoreCase) || tag[0] is ' ' or '\t' || value is not "DMARC1")
                {
                    return null;
                }

                record = new DmarcRecord();
            }
            else if (KindOf(name) is { } kind && (seen & (1 << (int)kind)) == 0 && !value.ContainsAnyExceptInRange(' ', '~'))
            {
                seen |= 1 << (int)kind;
                record = With(record, kind, value);
            }
        }

        return record;
    }

    private enum Tag
    {
        P,
        Sp,
        Np,
        Adkim,
        Aspf,
        T,
        Psd,
        Rua,
    }

    private static Tag? KindOf(ReadOnlySpan<char> name) => name switch
    {
        _ when Is(name, "p") => Tag.P,
        _ when Is(name, "sp") => Tag.Sp,
        _ when Is(name, "np") => Tag.Np,
        _ when Is(name, "adkim") => Tag.Adkim,
        _ when Is(name, "aspf") => Tag.Aspf,
        _ when Is(name, "t") => Tag.T,
        _ when Is(name, "psd") => Tag.Psd,
        _ when Is(name, "rua") => Tag.Rua,
        _ => null,
    };

    private static DmarcRecord With(DmarcRecord record, Tag tag, ReadOnlySpan<char> value) => tag switch
    {
        Tag.P => record with { P = PolicyOf(value) },
        Tag.Sp => record with { Sp = PolicyOf(value) },
        Tag.Np => record with { Np = PolicyOf(value) },
        Tag.Adkim => record with { StrictDkim = Is(value, "s") },
        Tag.Aspf => record with { StrictSpf = Is(value, "s") },
        Tag.T => record with { Testing = Is(value, "y") },
        Tag.Psd => record with { Psd = Is(value, "y") ? PublicSuffix.Yes : Is(value, "n") ? PublicSuffix.No : PublicSuffix.Unknown },
        _ => record with { HasReportAddress = ReportUri.AnyIn(value) },
    };

    private static PolicyTag PolicyOf(ReadOnlySpan<char> value) => new(true, value switch
    {
        _ when Is(value, "none") => DmarcPolicy.None,
        _ when Is(value, "quarantine") => DmarcPolicy.Quarantine,
        _ when Is(value, "reject") => DmarcPolicy.Reject,
        _ => null,
    });

    private static bool Is(ReadOnlySpan<char> text, string word) => text.Equals(word, StringComparison.OrdinalIgnoreCase);

    private static ReadOnlySpan<char> Trim(ReadOnlySpan<char> text) => text.Trim(" \t");
}
