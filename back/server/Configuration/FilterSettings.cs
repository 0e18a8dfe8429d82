using System.Globalization;
using Smtpy.Core.Rules;
using Smtpy.Mail.Addresses;
using Smtpy.Smtp.Filter;

namespace Smtpy.Server.Configuration;

/// <summary>What is done with mail that is not what it seems: TRUSTED_ARC_SEALERS, RSPAMD_…, DNSBL, GREYLIST….</summary>
public sealed record FilterSettings
{
    /// <summary>Longest delay of a stranger's message: clients wait ten minutes (RFC 5321 section 4.5.3.2.6), and many less.</summary>
    private const int LongestDelay = 120;

    /// <summary>Google and Microsoft seal what their groups and mailboxes forward, and say truly what they found.</summary>
    private static readonly string[] DefaultSealers = ["google.com", "microsoft.com"];

    public required IReadOnlyList<string> TrustedSealers { get; init; }

    /// <summary>Null: there is none.</summary>
    public required RspamdOptions? Rspamd { get; init; }

    public required SpamPolicy Spam { get; init; }

    public required FilterOptions Clients { get; init; }

    public required TimeSpan FirstSenderDelay { get; init; }

    public static FilterSettings Read(SettingReader read)
    {
        var clients = new FilterOptions();
        return new FilterSettings
        {
            TrustedSealers = Domains(read, "TRUSTED_ARC_SEALERS", DefaultSealers),
            Rspamd = ReadRspamd(read),
            Spam = new SpamPolicy
            {
                OnReject = Action(read, "RSPAMD_REJECT_ACTION", new SpamPolicy().OnReject),
                HoldScore = Score(read, "RSPAMD_HOLD_SCORE"),
            },
            Clients = clients with
            {
                BlockLists = Domains(read, "DNSBL", []),
                Greylists = read.Choice("GREYLIST", "off", "on", "off") == "on",
                GreylistDelay = read.Seconds("GREYLIST_DELAY", clients.GreylistDelay, 1, 3600),
            },
            FirstSenderDelay = read.Seconds("FIRST_SENDER_DELAY", TimeSpan.Zero, 0, LongestDelay),
        };
    }

    private static RspamdOptions? ReadRspamd(SettingReader read)
    {
        var password = read.Secret("RSPAMD_PASSWORD");
        if (read.Text("RSPAMD_URL") is not { } text)
        {
            return null;
        }

        if (!Uri.TryCreate(text.TrimEnd('/') + "/", UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
        {
            throw new SettingException("RSPAMD_URL", text, "a URL such as http://127.0.0.1:11333");
        }

        var options = new RspamdOptions { Url = url, Password = password };
        return options with { TimeLimit = read.Seconds("RSPAMD_TIMEOUT", options.TimeLimit, 1, 120) };
    }

    private static FailureAction Action(SettingReader read, string name, FailureAction fallback) => Enum.Parse<FailureAction>(
        read.Choice(name, fallback.ToString().ToLowerInvariant(), "mark", "quarantine", "reject"), ignoreCase: true);

    private static double? Score(SettingReader read, string name)
    {
        if (read.Text(name) is not { } text)
        {
            return null;
        }

        return double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var score) && score > 0
            ? score
            : throw new SettingException(name, text, "a score above 0, such as 8 or 6.5");
    }

    private static IReadOnlyList<string> Domains(SettingReader read, string name, IReadOnlyList<string> fallback)
    {
        if (read.Text(name) is not { } text)
        {
            return fallback;
        }

        return text.Equals("none", StringComparison.OrdinalIgnoreCase) ? [] : Array.ConvertAll(
            text.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
            part => DomainName.TryNormalize(part.TrimEnd('.'), out var domain)
                ? domain
                : throw new SettingException(name, text, "domain names separated by commas, or none"));
    }
}
