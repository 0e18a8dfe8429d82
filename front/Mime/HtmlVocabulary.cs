using System.Collections.Frozen;

namespace Smtpy.Web.Mime;

/// <summary>What of HTML a shown message may use: what mail programs write, less what acts.</summary>
internal static class HtmlVocabulary
{
    public static readonly FrozenSet<string> Elements = Set(
        "a abbr address area article aside b bdi bdo big blockquote br caption center cite code col colgroup dd del details dfn dir "
        + "div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main map mark nav ol p pre q s "
        + "samp section small span strike strong style sub summary sup table tbody td tfoot th thead time tr tt u ul var wbr");

    /// <summary>Elements whose content is no text of the message, or not in HTML's language.</summary>
    public static readonly FrozenSet<string> DroppedWhole = Set(
        "applet audio canvas embed frameset iframe math noembed noframes noscript object script select svg template textarea title "
        + "video xmp");

    public static readonly FrozenSet<string> Attributes = Set(
        "abbr align alt bgcolor border cellpadding cellspacing class clear color cols colspan coords dir face height hspace id lang "
        + "name nowrap open reversed role rows rowspan rules scope shape size span start summary title type usemap valign value "
        + "vspace width");

    /// <summary>Whether a link may be followed: web and mail only, never script, data or a path on this host.</summary>
    public static bool IsLink(string value) =>
        Uri.TryCreate(value.Trim(), UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeMailto);

    private static FrozenSet<string> Set(string names) => names.Split(' ').ToFrozenSet(StringComparer.Ordinal);
}
