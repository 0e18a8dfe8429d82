using System.Globalization;

namespace Smtpy.EndToEnd;

/// <summary>Settings of a <c>smtpy serve</c> for tests.</summary>
internal static class Instance
{
    public const string Domain = "alias.test";

    /// <summary>For tests of what the sender wrote: in the default mode most of the header is ours.</summary>
    public static readonly (string Name, string Value) Transparent = ("FORWARD_MODE", "transparent");

    /// <summary>
    /// Delivery through a relay on loopback. Retries come after a second instead of a minute: the tests wait for them.
    /// </summary>
    public static Dictionary<string, string?> RelayingTo(int port, params (string Name, string Value)[] more)
    {
        var settings = new Dictionary<string, string?>
        {
            ["SMTP_DELIVERY"] = "relay",
            ["SMTP_RELAY"] = "smtp://127.0.0.1:" + port.ToString(CultureInfo.InvariantCulture),
            ["SMTP_RETRY_SCHEDULE"] = "1s,1s,2s,2s,5s",
        };
        foreach (var (name, value) in more)
        {
            settings[name] = value;
        }

        return settings;
    }

    /// <summary>One alias with one recipient.</summary>
    public static Dictionary<string, string[]> Alias(string localPart, string recipient) => new() { [$"{localPart}@{Domain}"] = [recipient] };
}
