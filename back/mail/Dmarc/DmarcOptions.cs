namespace Smtpy.Mail.Dmarc;

public sealed record DmarcOptions
{
    /// <summary>
    /// Different From domains of one message that are judged; with more the result is permerror. 5: each costs a tree walk, and
    /// RFC 9989 section 11.5 warns of messages made to cost many.
    /// </summary>
    public int MaxAuthorDomains { get; init; } = 5;

    /// <summary>Signing domains whose organizational domain is looked for; later ones do not align. 10: each costs up to 8 queries.</summary>
    public int MaxAlignmentWalks { get; init; } = 10;

    /// <summary>Time for the whole evaluation. 20 s, as SPF has it (RFC 7208 section 4.6.4); RFC 9989 names none.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromSeconds(20);
}
