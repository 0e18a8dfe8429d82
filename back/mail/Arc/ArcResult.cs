using Smtpy.Mail.AuthenticationResults;

namespace Smtpy.Mail.Arc;

/// <summary>The chain validation status (RFC 8617 section 4.4).</summary>
public enum ArcStatus
{
    /// <summary>There are no ARC sets.</summary>
    None = 0,
    Pass = 1,
    Fail = 2,
}

public static class ArcStatusWords
{
    /// <summary>The word as it stands in cv= and in Authentication-Results.</summary>
    public static string Word(this ArcStatus status) => status switch
    {
        ArcStatus.Pass => "pass",
        ArcStatus.Fail => "fail",
        _ => "none",
    };
}

/// <summary>What came of validating a chain.</summary>
/// <param name="Instances">The number of sets.</param>
/// <param name="Reason">Why it failed, as a phrase for people; empty otherwise.</param>
/// <param name="Sets">From the first on; empty unless the structure is right. To be believed only with a pass.</param>
public sealed record ArcResult(ArcStatus Status, int Instances, string Reason, IReadOnlyList<ArcSetSummary> Sets)
{
    /// <summary>A failure because a key could not be fetched: a later try may pass.</summary>
    public bool IsTemporary { get; init; }

    /// <summary>
    /// With a pass: the lowest set whose message signature still holds, 0 when all do (RFC 8617 section 5.2, step 5): whoever sealed
    /// below it saw another message.
    /// </summary>
    public int OldestPass { get; init; }
}

/// <param name="SealDomain">d= of the seal: who vouches for what is said of the message.</param>
/// <param name="SealSelector">s= of the seal.</param>
/// <param name="MessageDomain">d= of the message signature.</param>
/// <param name="Results">The ARC-Authentication-Results field as it stands in the message.</param>
public sealed record ArcSetSummary(int Instance, string SealDomain, string SealSelector, string MessageDomain, ReadOnlyMemory<byte> Results)
{
    /// <summary>Whether the message signature covers From. One that does not says nothing of who wrote the message.</summary>
    public required bool CoversFrom { get; init; }

    /// <summary>What the sealer says it found; empty where that cannot be read.</summary>
    public IReadOnlyList<AuthenticationResult> ReadResults()
    {
        // "i=1;" comes first, then an Authentication-Results value (RFC 8617 section 4.1.1).
        var field = Results.Span;
        var value = field[(field.IndexOf((byte)':') + 1)..];
        var end = value.IndexOf((byte)';');
        return end >= 0 && AuthenticationResultsParser.TryParse(value[(end + 1)..], out var content) ? content.Results : [];
    }
}
