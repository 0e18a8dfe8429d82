namespace Smtpy.Smtp.Receive;

/// <summary>How often sign-ins may fail before nobody may try; counted in <see cref="Window"/>, in each process by itself.</summary>
public sealed record SignInLimitOptions
{
    /// <summary>Of one client, an IPv4 address or an IPv6 /64; then 454 4.7.0. 20: a few people behind one address with an old password.</summary>
    public int FailuresPerClient { get; init; } = 20;

    /// <summary>
    /// As one user from all addresses together; then 454 4.7.0. 100: passwords made by machine are not guessed in any number of
    /// attempts, so this is for chosen ones, and a low limit would let strangers lock a user out.
    /// </summary>
    public int FailuresPerUser { get; init; } = 100;

    /// <summary>15 minutes: a forgotten program that tries every few minutes does not keep its owner out.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Clients and users counted at once; more can only be a flood, and then all begin anew. About 20 MB.</summary>
    public int MaxCounted { get; init; } = 100_000;
}
