using System.Net;

namespace Smtpy.Mail.Spf;

/// <summary>A record whose every term is well formed (RFC 7208 section 4.6).</summary>
/// <param name="Redirect">The modifier "redirect", null where there is none.</param>
/// <param name="Explanation">The modifier "exp", null where there is none.</param>
internal sealed record SpfRecord(IReadOnlyList<SpfDirective> Directives, MacroString? Redirect, MacroString? Explanation);

internal enum SpfMechanism
{
    All = 0,
    Include = 1,
    A = 2,
    Mx = 3,
    Ptr = 4,
    Ip4 = 5,
    Ip6 = 6,
    Exists = 7,
}

/// <param name="Text">As it stands in the record, for people.</param>
/// <param name="Outcome">What a match means (the qualifier).</param>
/// <param name="Target">The domain-spec; null: the domain being checked.</param>
/// <param name="Network">Of ip4 and ip6.</param>
/// <param name="Prefix4">Bits of an IPv4 address that must agree.</param>
/// <param name="Prefix6">Bits of an IPv6 address that must agree.</param>
internal sealed record SpfDirective(
    string Text, SpfMechanism Mechanism, SpfResult Outcome, MacroString? Target = null, IPAddress? Network = null, int Prefix4 = 32, int Prefix6 = 128);
