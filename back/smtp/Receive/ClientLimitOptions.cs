using System.Net;

namespace Smtpy.Smtp.Receive;

/// <summary>What one client (an IPv4 address, or an IPv6 /64 network) may do; each window is a minute long.</summary>
public sealed record ClientLimitOptions
{
    /// <summary>Connections open at once; further ones get 421 4.7.0. 50: Postfix's default, above what large senders open to one host.</summary>
    public int Connections { get; init; } = 50;

    /// <summary>Messages a minute; further ones get 450 4.7.1. 500: a large mailing list to a busy instance still fits.</summary>
    public int MessagesPerMinute { get; init; } = 500;

    /// <summary>Recipients a minute; further ones get 452 4.5.3. 2,000: four for each message allowed.</summary>
    public int RecipientsPerMinute { get; init; } = 2000;

    /// <summary>Refused recipients a minute; then connections get 421 4.7.0. 100: ends a search for existing aliases.</summary>
    public int ErrorsPerMinute { get; init; } = 100;

    /// <summary>Networks these limits do not apply to. Loopback: its programs can harm the machine without us.</summary>
    public IReadOnlyList<IPNetwork> Exempt { get; init; } = [new(IPAddress.Loopback, 8), new(IPAddress.IPv6Loopback, 128)];
}
