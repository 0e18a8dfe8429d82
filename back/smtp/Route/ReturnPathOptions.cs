namespace Smtpy.Smtp.Route;

/// <summary>How long our return paths are answered.</summary>
public sealed record ReturnPathOptions
{
    /// <summary>
    /// Counted in whole days (UTC) from the day the address was made. 10: the next server may try for 5 days (RFC 5321 section
    /// 4.5.4.1) before it gives up, and some take days more to say so. An address is made anew with every attempt of ours.
    /// </summary>
    public int ValidDays { get; init; } = 10;
}
