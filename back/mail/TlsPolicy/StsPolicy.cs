using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Smtpy.Mail.Addresses;

namespace Smtpy.Mail.TlsPolicy;

public enum StsMode
{
    /// <summary>The domain has given its policy up.</summary>
    None = 0,

    /// <summary>Failures are reported, and mail is delivered all the same.</summary>
    Testing = 1,

    Enforce = 2,
}

/// <summary>An MTA-STS policy (RFC 8461 section 3.2).</summary>
/// <param name="Patterns">Host names, lower case, A-labels; "*." in front stands for exactly one label.</param>
public sealed record StsPolicy(StsMode Mode, IReadOnlyList<string> Patterns, TimeSpan MaxAge)
{
    /// <summary>Longest time a policy is good for: a year, the most that RFC 8461 section 3.2 allows.</summary>
    public static readonly TimeSpan LongestAge = TimeSpan.FromSeconds(31_557_600);

    /// <summary>Patterns of one policy. 100: the largest providers have 5; it bounds the work for each host.</summary>
    public const int MaxPatterns = 100;

    /// <summary>
    /// Reads a policy file. Of a key that stands more than once, other than mx, the first counts; unknown keys mean nothing
    /// (section 3.2). Lines end with CRLF or LF.
    /// </summary>
    /// <param name="problem">What is wrong, when it is not a policy.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out StsPolicy? policy, out string problem)
    {
        ArgumentNullException.ThrowIfNull(text);
        var fields = new StsPolicyFields();
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            fields.Add(line.Trim(" \t"));
        }

        policy = fields.ToPolicy(out problem);
        return policy is not null;
    }

    /// <summary>Whether the policy names the host (section 4.1).</summary>
    public bool Names(string host)
    {
        ArgumentNullException.ThrowIfNull(host);
        if (!DomainName.TryNormalize(host.TrimEnd('.'), out var name))
        {
            return false;
        }

        foreach (var pattern in Patterns)
        {
            if (pattern.StartsWith("*.", StringComparison.Ordinal)
                ? name.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot && name.AsSpan(dot).SequenceEqual(pattern.AsSpan(1))
                : name == pattern)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The lines of a policy file that says the same, as TLS reports quote it (RFC 8460 section 4.4).</summary>
    public IReadOnlyList<string> Lines =>
    [
        "version: STSv1",
        "mode: " + Mode switch { StsMode.Enforce => "enforce", StsMode.Testing => "testing", _ => "none" },
        .. Patterns.Select(static pattern => "mx: " + pattern),
        string.Create(CultureInfo.InvariantCulture, $"max_age: {(long)MaxAge.TotalSeconds}"),
    ];

    /// <summary>A policy file that says the same.</summary>
    public override string ToString() => string.Concat(Lines.Select(static line => line + "\n"));
}
