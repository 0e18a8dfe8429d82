using System.Text;
using System.Text.Encodings.Web;
using System.Text.RegularExpressions;
using MimeKit.Text;

namespace Smtpy.Web.Mime;

/// <summary>
/// A message's HTML as a document fit to show: known elements and attributes only, nothing that would load or run.
/// </summary>
/// <remarks>
/// Safety does not rest on this: the document is served in a sandbox under a policy that forbids all of it. This keeps the
/// browser from having anything to forbid, and tells the reader what is missing.
/// </remarks>
/// <param name="RemoteReferences">References to things elsewhere that were left out.</param>
public sealed partial record HtmlMail(string Document, int RemoteReferences)
{
    private const string Head =
        "<!DOCTYPE html><html><head><meta charset=\"utf-8\"><meta name=\"color-scheme\" content=\"light\"><title>HTML part</title>"
        + "<style>html{background:#fff;color:#1c1917;font:16px/1.5 system-ui,sans-serif}body{margin:16px;overflow-wrap:anywhere}"
        + "img{max-width:100%;height:auto}table{max-width:100%}</style></head><body>";

    private const string Foot = "</body></html>";

    public static HtmlMail Read(string html, InlineImages images) => new Writer(images).Write(html);

    /// <summary>Loads from style: the policy forbids them all; only those a browser would complain of are looked for.</summary>
    [GeneratedRegex("""@import[^;]*;?|url\s*\(\s*(?!["']?data:image/)[^)]*\)?""", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex StyleLoad { get; }

    private sealed class Writer(InlineImages images)
    {
        private readonly StringBuilder _out = new(Head);
        private int _remote;
        private string? _dropped;
        private bool _inStyle;

        public HtmlMail Write(string html)
        {
            var tokenizer = new HtmlTokenizer(new StringReader(html));
            while (tokenizer.ReadNextToken(out var token))
            {
                if (token is HtmlTagToken tag)
                {
                    Tag(tag);
                }
                else if (_dropped is null && token is HtmlDataToken { Kind: HtmlTokenKind.Data or HtmlTokenKind.CData } data)
                {
                    _out.Append(_inStyle ? Style(data.Data).Replace("<", string.Empty, StringComparison.Ordinal) : HtmlEncoder.Default.Encode(data.Data));
                }
            }

            if (_inStyle)
            {
                _out.Append("</style>");
            }

            return new HtmlMail(_out.Append(Foot).ToString(), _remote);
        }

        private void Tag(HtmlTagToken tag)
        {
            var name = tag.Name.ToLowerInvariant();
            if (_dropped is not null)
            {
                _dropped = tag.IsEndTag && name == _dropped ? null : _dropped;
            }
            else if (HtmlVocabulary.DroppedWhole.Contains(name))
            {
                _dropped = tag.IsEndTag || tag.IsEmptyElement ? null : name;
            }
            else if (HtmlVocabulary.Elements.Contains(name))
            {
                _inStyle = name == "style" && !tag.IsEndTag && !tag.IsEmptyElement;
                Element(tag, name);
            }
        }

        private void Element(HtmlTagToken tag, string name)
        {
            _out.Append(tag.IsEndTag ? "</" : "<").Append(name);
            if (!tag.IsEndTag)
            {
                foreach (var attribute in tag.Attributes)
                {
                    Attribute(name, attribute.Name.ToLowerInvariant(), attribute.Value ?? string.Empty);
                }

                if (name == "a")
                {
                    _out.Append(" target=\"_blank\" rel=\"noopener noreferrer\"");
                }
            }

            _out.Append('>');
        }

        private void Attribute(string element, string name, string value)
        {
            var kept = name switch
            {
                "src" when element == "img" => images.Resolve(value) ?? Remote(value),
                "background" or "srcset" or "poster" => Remote(value),
                "href" when element is "a" or "area" => HtmlVocabulary.IsLink(value) ? value : null,
                "style" => Style(value),
                _ => HtmlVocabulary.Attributes.Contains(name) ? value : null,
            };
            if (kept is not null)
            {
                _out.Append(' ').Append(name).Append("=\"").Append(HtmlEncoder.Default.Encode(kept)).Append('"');
            }
        }

        private string? Remote(string value)
        {
            _remote += string.IsNullOrWhiteSpace(value) ? 0 : 1;
            return null;
        }

        private string Style(string css) => StyleLoad.Replace(css, _ =>
        {
            _remote++;
            return "none";
        });
    }
}
