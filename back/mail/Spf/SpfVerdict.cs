namespace Smtpy.Mail.Spf;

/// <summary>What check_host came to for one domain.</summary>
/// <param name="Record">The record that decided, with its domain: where "exp" is looked for. Null on errors.</param>
internal readonly record struct SpfVerdict(SpfResult Result, string Domain, string? Mechanism, SpfRecord? Record, string Problem)
{
    public static SpfVerdict Of(SpfResult result, string domain, string problem) => new(result, domain, null, null, problem);
}

/// <summary>What a mechanism said of the client.</summary>
internal enum SpfMatch
{
    No = 0,
    Yes = 1,
    TempError = 2,
    PermError = 3,
}
