using System.Net;
using Smtpy.Smtp.Deliver;

namespace Smtpy.Server.Configuration;

/// <summary>How mail leaves: SMTP_DELIVERY, SMTP_RELAY, SMTP_MX_PORT, DNS_SERVER.</summary>
public sealed record DeliverySettings
{
    public required DeliveryMode Mode { get; init; }

    public required RelayTarget? Relay { get; init; }

    public required int MxPort { get; init; }

    public required DnsEndPoint? DnsServer { get; init; }

    public required int RelayConnections { get; init; }

    public required int MxConnections { get; init; }

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

        return new DeliverySettings
        {
            Mode = Enum.Parse<DeliveryMode>(mode, ignoreCase: true),
            Relay = relay,
            MxPort = read.Number("SMTP_MX_PORT", 25, 1, 65535),
            DnsServer = read.HostAndPort("DNS_SERVER", 53),
            RelayConnections = read.Number("SMTP_RELAY_CONNECTIONS", 20, 1, 1000),
            MxConnections = read.Number("SMTP_MX_CONNECTIONS", 5, 1, 1000),
        };
    }
}
