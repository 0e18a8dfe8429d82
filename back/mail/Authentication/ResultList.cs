using Smtpy.Mail.AuthenticationResults;
using Smtpy.Mail.Dmarc;
using Smtpy.Mail.Spf;

namespace Smtpy.Mail.Authentication;

/// <summary>What was found out, as the results of an Authentication-Results field (RFC 8601 section 2.7, RFC 7489 section 11).</summary>
public static class ResultList
{
    /// <param name="mailFrom">As given; empty for the null reverse-path, which SPF judges by the HELO name.</param>
    public static IReadOnlyList<AuthenticationResult> Describe(MessageAuthentication found, string mailFrom)
    {
        ArgumentNullException.ThrowIfNull(found);
        return
        [
            Describe(found.Spf, mailFrom), .. SignatureResults.Describe(found.Dkim), Describe(found.Dmarc, found.Author.First?.Address.Domain),
            SignatureResults.Describe(found.Arc),
        ];
    }

    private static AuthenticationResult Describe(SpfOutcome spf, string mailFrom) => new("spf", spf.Result.Word())
    {
        Reason = spf.Explanation ?? (spf.Problem.Length > 0 ? spf.Problem : null),
        Properties = [mailFrom.Length > 0 ? new("smtp", "mailfrom", mailFrom) : new("smtp", "helo", spf.Domain)],
    };

    private static AuthenticationResult Describe(DmarcOutcome dmarc, string? from) => new("dmarc", dmarc.Result.Word())
    {
        Reason = dmarc.Problem.Length > 0 ? dmarc.Problem : null,
        Comment = dmarc.Policy is { } policy ? $"p={policy.Word()} dis={dmarc.Disposition.Word()}" : null,
        Properties = (dmarc.AuthorDomain ?? from) is { Length: > 0 } domain ? [new("header", "from", domain)] : [],
    };
}

public static class ResultWords
{
    /// <summary>The word as it stands in Authentication-Results (RFC 8601 section 2.7.2).</summary>
    public static string Word(this SpfResult result) => result switch
    {
        SpfResult.Neutral => "neutral",
        SpfResult.Pass => "pass",
        SpfResult.Fail => "fail",
        SpfResult.SoftFail => "softfail",
        SpfResult.TempError => "temperror",
        SpfResult.PermError => "permerror",
        _ => "none",
    };

    public static string Word(this DmarcResult result) => result switch
    {
        DmarcResult.Pass => "pass",
        DmarcResult.Fail => "fail",
        DmarcResult.TempError => "temperror",
        DmarcResult.PermError => "permerror",
        _ => "none",
    };

    public static string Word(this DmarcPolicy policy) => policy switch
    {
        DmarcPolicy.Quarantine => "quarantine",
        DmarcPolicy.Reject => "reject",
        _ => "none",
    };
}
