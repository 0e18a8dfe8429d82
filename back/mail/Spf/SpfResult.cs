using System.Net;

namespace Smtpy.Mail.Spf;

/// <summary>The results of RFC 7208 section 2.6.</summary>
public enum SpfResult
{
    /// <summary>No domain could be taken from the identity, or it publishes no record.</summary>
    None = 0,

    /// <summary>The domain says that it says nothing about this address.</summary>
    Neutral = 1,

    /// <summary>The address may send for the domain.</summary>
    Pass = 2,

    /// <summary>The address may not send for the domain.</summary>
    Fail = 3,

    /// <summary>Probably not.</summary>
    SoftFail = 4,

    /// <summary>DNS failed or took too long; a later try may do.</summary>
    TempError = 5,

    /// <summary>The published records cannot be understood.</summary>
    PermError = 6,
}

/// <summary>What is asked of SPF.</summary>
/// <param name="Client">The address that connected; an IPv4-mapped IPv6 address counts as IPv4 (RFC 7208 section 5).</param>
/// <param name="Helo">The name given with HELO or EHLO.</param>
/// <param name="MailFrom">The address of MAIL FROM without angle brackets; empty for the null reverse-path, and to judge HELO.</param>
public sealed record SpfRequest(IPAddress Client, string Helo, string MailFrom);

/// <param name="Domain">The domain judged: MAIL FROM's, or the HELO name where MAIL FROM is null (RFC 7208 section 2.4).</param>
/// <param name="Mechanism">The mechanism that decided, as it stands in the record; null where none did.</param>
/// <param name="Explanation">With fail only: why, in the words of the domain owner, printable US-ASCII (RFC 7208 section 6.2).</param>
/// <param name="Problem">What was wrong, with none, temperror and permerror; empty otherwise.</param>
public sealed record SpfOutcome(SpfResult Result, string Domain, string? Mechanism, string? Explanation, string Problem);
