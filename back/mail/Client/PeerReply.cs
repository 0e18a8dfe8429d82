namespace Smtpy.Mail.Client;

/// <summary>What the other side answered, or our own words where it said nothing.</summary>
/// <param name="Code">Three-digit reply code; 0 only in a default value.</param>
/// <param name="Enhanced">Enhanced status code (RFC 3463) without its blank, or null.</param>
/// <param name="Text">Text without codes; lines joined by a blank, no control characters, at most 1,000 characters.</param>
public readonly record struct PeerReply(int Code, string? Enhanced, string Text)
{
    public bool IsPositive => Code is >= 200 and < 300;

    public bool IsTransient => Code is >= 400 and < 500;

    public bool IsPermanent => Code is >= 500 and < 600;

    /// <summary>One line, as it goes into records and logs.</summary>
    public override string ToString() => Enhanced is null ? $"{Code} {Text}" : $"{Code} {Enhanced} {Text}";
}
