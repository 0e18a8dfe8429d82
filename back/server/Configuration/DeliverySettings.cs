using System.Globalization;
using System.Net;
using Smtpy.Smtp.Deliver;

namespace Smtpy.Server.Configuration;

/// <summary>How mail leaves: SMTP_DELIVERY, SMTP_RELAY, SMTP_MX_PORT, SMTP_MTA_STS, SMTP_DANE, DNS_SERVER.</summary>
public sealed record DeliverySettings
{
    public required DeliveryMode Mode { get; init; }

    public required RelayTarget? Relay { get; init; }

    public required int MxPort { get; init; }

    /// <summary>SMTP_MTA_STS: policies of RFC 8461 are looked up and obeyed.</summary>
    public required bool MtaSts { get; init; }

    /// <summary>SMTP_DANE: TLSA records are obeyed, where the resolver is a validating one on this machine.</summary>
    public required bool Dane { get; init; }

    public required DnsEndPoint? DnsServer { get; init; }

    public required int RelayConnections { get; init; }

    public required int MxConnections { get; init; }

    public required RetrySchedule Retry { get; init; }

    public static DeliverySettings Read(SettingReader read)
    {
        RelayTarget? relay = null;
        if (read.Text("SMTP_RELAY") is { } text && !RelayTarget.TryParse(text, out relay))
        {
            throw new SettingException("SMTP_RELAY", text, RelayTarget.Accepted);
        }

        var mode = read.Choice("SMTP_DELIVERY", relay is null ? "capture" : "relay", "capture", "mx", "relay");
        if (mode == "relay" && relay is null)
        {
            throw new SettingException("SMTP_RELAY", "", RelayTarget.Accepted + ", because SMTP_DELIVERY is relay");
        }

        if (mode == "mx" && relay is not null)
        {
            throw new SettingException("SMTP_DELIVERY", mode, "relay, because SMTP_RELAY is set; or mx without SMTP_RELAY");
        }

        return new DeliverySettings
        {
            Mode = Enum.Parse<DeliveryMode>(mode, ignoreCase: true),
            Relay = relay,
            MxPort = read.Number("SMTP_MX_PORT", 25, 1, 65535),
            MtaSts = read.Choice("SMTP_MTA_STS", "on", "on", "off") == "on",
            Dane = read.Choice("SMTP_DANE", "on", "on", "off") == "on",
            DnsServer = read.HostAndPort("DNS_SERVER", 53),
            RelayConnections = read.Number("SMTP_RELAY_CONNECTIONS", 20, 1, 1000),
            MxConnections = read.Number("SMTP_MX_CONNECTIONS", 5, 1, 1000),
            Retry = ReadRetry(read),
        };
    }

    /// <summary>"1m,5m,15m,30m,1h,2h,4h"; a schedule given by hand is taken as it stands, without the default's floor.</summary>
    private static RetrySchedule ReadRetry(SettingReader read)
    {
        var schedule = new RetrySchedule { GiveUpAfter = read.Days("SMTP_RETRY_DAYS", TimeSpan.FromDays(5), 1, 30) };
        if (read.Text("SMTP_RETRY_SCHEDULE") is not { } text)
        {
            return schedule;
        }

        var steps = Array.ConvertAll(text.Split(',', StringSplitOptions.TrimEntries), step => Duration(step)
            ?? throw new SettingException("SMTP_RETRY_SCHEDULE", text, "waits separated by commas, each a number with s, m or h, such as 1m,5m,15m,1h"));
        return schedule with { Steps = steps, Floor = TimeSpan.Zero };
    }

    private static TimeSpan? Duration(string text)
    {
        var seconds = text.Length < 2 ? 0 : text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, _ => 0 };
        return seconds > 0 && int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            && count is > 0 and < 100_000
            ? TimeSpan.FromSeconds((double)count * seconds)
            : null;
    }
}
