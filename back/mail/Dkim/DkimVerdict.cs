namespace Smtpy.Mail.Dkim;

/// <summary>What is said of a signature, in the words of RFC 8601 section 2.7.1.</summary>
public enum DkimVerdict
{
    /// <summary>There is no signature.</summary>
    None = 0,

    /// <summary>The signature is valid.</summary>
    Pass = 1,

    /// <summary>The signature does not fit the message, or is over.</summary>
    Fail = 2,

    /// <summary>The signature is not acceptable whatever it says: a weak key or hash (RFC 8301), a time to come.</summary>
    Policy = 3,

    /// <summary>Neither way.</summary>
    Neutral = 4,

    /// <summary>The key could not be fetched; a later try may.</summary>
    TempError = 5,

    /// <summary>The signature or its key is missing something or malformed; a later try will say the same.</summary>
    PermError = 6,
}

public static class DkimVerdictWords
{
    /// <summary>The word as it stands in Authentication-Results.</summary>
    public static string Word(this DkimVerdict verdict) => verdict switch
    {
        DkimVerdict.Pass => "pass",
        DkimVerdict.Fail => "fail",
        DkimVerdict.Policy => "policy",
        DkimVerdict.Neutral => "neutral",
        DkimVerdict.TempError => "temperror",
        DkimVerdict.PermError => "permerror",
        _ => "none",
    };
}

/// <summary>What came of one signature.</summary>
public sealed record DkimResult
{
    public required DkimVerdict Verdict { get; init; }

    /// <summary>Why it is no pass, as a phrase for people; empty for a pass.</summary>
    public string Reason { get; init; } = "";

    /// <summary>d=, who takes responsibility: lower case, A-labels. Empty where the signature could not be read so far.</summary>
    public string Domain { get; init; } = "";

    /// <summary>s=, lower case; empty where it could not be read.</summary>
    public string Selector { get; init; } = "";

    /// <summary>i=, the agent or user, "@" and the domain where the signature names none (RFC 6376 section 3.5).</summary>
    public string Identity { get; init; } = "";

    /// <summary>a= as given: rsa-sha256, ed25519-sha256 or one that cannot pass.</summary>
    public string Algorithm { get; init; } = "";

    /// <summary>Beginning of b= in base64, which tells signatures of one domain apart (RFC 6008 section 4).</summary>
    public string SignatureStart { get; init; } = "";

    /// <summary>Size of the key in bits; 0 where none was found.</summary>
    public int KeyBits { get; init; }

    /// <summary>The key says t=y: its owner is trying; a failure is to be treated like no signature (RFC 6376 section 3.6.1).</summary>
    public bool IsTesting { get; init; }

    /// <summary>False where l= leaves octets at the end of the body that anybody may have put there (RFC 6376 section 8.2).</summary>
    public bool CoversWholeBody { get; init; }

    /// <summary>
    /// From, To, Cc, Subject, Content-Type and Content-Transfer-Encoding stand once at most, and those that stand there are covered: nothing
    /// that a reader sees can be put beside them. Nor has the header a line that is no field, which a mail program may show as more of one.
    /// </summary>
    public bool FixesContent { get; init; }
}
