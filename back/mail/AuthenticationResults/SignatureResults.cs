using System.Globalization;
using Smtpy.Mail.Arc;
using Smtpy.Mail.Dkim;

namespace Smtpy.Mail.AuthenticationResults;

/// <summary>What was found out about signatures, as results to write (RFC 8601 section 2.7.1, RFC 6008, RFC 8617 section 10.1).</summary>
public static class SignatureResults
{
    /// <param name="results">One line each; "dkim=none" for none.</param>
    public static IReadOnlyList<AuthenticationResult> Describe(IReadOnlyList<DkimResult> results)
    {
        ArgumentNullException.ThrowIfNull(results);
        return results.Count == 0 ? [new AuthenticationResult("dkim", "none")] : [.. results.Select(Describe)];
    }

    public static AuthenticationResult Describe(ArcResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return new AuthenticationResult("arc", result.Status.Word())
        {
            Reason = result.Reason.Length == 0 ? null : result.Reason,
            Comment = result.Instances == 0 ? null : $"i={result.Instances}",
            Properties = result.Status == ArcStatus.Pass
                ? [new AuthenticationProperty("header", "oldest-pass", result.OldestPass.ToString(CultureInfo.InvariantCulture))]
                : [],
        };
    }

    private static AuthenticationResult Describe(DkimResult result)
    {
        List<AuthenticationProperty> properties = [];
        Add("d", result.Domain);
        Add("i", result.Identity);
        Add("s", result.Selector);
        Add("a", result.Algorithm);
        Add("b", result.SignatureStart);
        return new AuthenticationResult("dkim", result.Verdict.Word())
        {
            Reason = result.Reason.Length == 0 ? null : result.Reason,
            Comment = result.KeyBits == 0 ? null : $"{result.KeyBits}-bit key",
            Properties = properties,
        };

        void Add(string name, string value)
        {
            if (value.Length > 0)
            {
                properties.Add(new AuthenticationProperty("header", name, value));
            }
        }
    }
}
