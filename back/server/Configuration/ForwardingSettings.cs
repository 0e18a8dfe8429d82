using Smtpy.Core.Rules;
using Smtpy.Mail.Rewriting;

namespace Smtpy.Server.Configuration;

/// <summary>What is done with forwarded mail where neither alias nor domain says: FORWARD_MODE, FROM_FORMAT, ON_DMARC_FAIL, ON_SPF_FAIL, DKIM_SIGN, ARC_SEAL.</summary>
public sealed record ForwardingSettings
{
    private static readonly string[] Actions = ["mark", "quarantine", "reject"];

    private const string Formats = "name-and-domain, name-and-address, name-only, address-only, name-via-domain, domain-only, none";

    public required MailHandlingDefaults Handling { get; init; }

    /// <summary>DKIM_SIGN: what leaves is signed here, not by the server it is relayed to.</summary>
    public required bool SignsDkim { get; init; }

    /// <summary>ARC_SEAL: forwards get an ARC set.</summary>
    public required bool SealsArc { get; init; }

    public static ForwardingSettings Read(SettingReader read)
    {
        var standard = new MailHandlingDefaults();
        return new ForwardingSettings
        {
            Handling = standard with
            {
                Mode = read.Choice("FORWARD_MODE", "private", "private", "transparent") == "private" ? ForwardingMode.Private : ForwardingMode.Transparent,
                FromFormat = Format(read, "FROM_FORMAT", standard.FromFormat),
                OnDmarcFail = Action(read, "ON_DMARC_FAIL", standard.OnDmarcFail),
                OnSpfFail = Action(read, "ON_SPF_FAIL", standard.OnSpfFail),
            },
            SignsDkim = read.Choice("DKIM_SIGN", "on", "on", "off") == "on",
            SealsArc = read.Choice("ARC_SEAL", "on", "on", "off") == "on",
        };
    }

    private static DisplayNameFormat Format(SettingReader read, string name, DisplayNameFormat standard) =>
        read.Text(name) is not { } text ? standard
        : DisplayNameWord.Parse(text) ?? throw new SettingException(name, text, "one of " + Formats);

    /// <summary>The words stand in the order of the actions' numbers.</summary>
    private static FailureAction Action(SettingReader read, string name, FailureAction standard) =>
        (FailureAction)Array.IndexOf(Actions, read.Choice(name, Actions[(int)standard], Actions));
}
