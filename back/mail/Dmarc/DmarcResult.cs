using Smtpy.Mail.Spf;

namespace Smtpy.Mail.Dmarc;

/// <summary>The results of DMARC as RFC 8601 names them.</summary>
public enum DmarcResult
{
    /// <summary>DMARC does not apply: no From domain, or no usable record for it.</summary>
    None = 0,

    Pass = 1,

    Fail = 2,

    /// <summary>A DNS query that decides did not come to an end (RFC 9989 section 5.3.6).</summary>
    TempError = 3,

    /// <summary>From names more domains than are judged.</summary>
    PermError = 4,
}

/// <summary>What the domain owner asks to be done with mail that fails, from least to most strict (RFC 9989 section 4.7).</summary>
public enum DmarcPolicy
{
    None = 0,
    Quarantine = 1,
    Reject = 2,
}

/// <summary>What DMARC is computed from.</summary>
/// <param name="FromDomains">
/// The domain of every address of every From field, as spelt; a string that is no domain name where an address has none.
/// </param>
/// <param name="Spf">SPF's result for the MAIL FROM identity.</param>
/// <param name="SpfDomain">The domain that SPF judged: the HELO name where MAIL FROM is null.</param>
/// <param name="DkimPassed">d= of every signature that passed.</param>
/// <param name="DkimUndecided">d= of every signature with temperror.</param>
public sealed record DmarcRequest(
    IReadOnlyList<string> FromDomains, SpfResult Spf, string SpfDomain, IReadOnlyList<string> DkimPassed, IReadOnlyList<string> DkimUndecided);

/// <param name="Policy">What is published for this From: the value of p, sp or np that applies; null without a record.</param>
/// <param name="Disposition">What follows from it after "t=y"; none unless the result is fail.</param>
/// <param name="Domain">The domain whose record was used; null without one.</param>
/// <param name="AuthorDomain">The From domain that decided, with A-labels; null where there is none.</param>
/// <param name="AlignedBySpf">The SPF domain in alignment, null where it is not.</param>
/// <param name="AlignedByDkim">The first d= in alignment, null where none is.</param>
/// <param name="Problem">What was wrong, with none, temperror and permerror; empty otherwise.</param>
public sealed record DmarcOutcome(
    DmarcResult Result,
    DmarcPolicy? Policy,
    DmarcPolicy Disposition,
    string? Domain,
    string? AuthorDomain,
    string? AlignedBySpf,
    string? AlignedByDkim,
    string Problem)
{
    internal static DmarcOutcome Without(DmarcResult result, string? author, string problem) =>
        new(result, null, DmarcPolicy.None, null, author, null, null, problem);
}
