using System.Text;
using MimeKit.Text;

namespace Smtpy.Web.Mime;

/// <summary>The words of an HTML document, for a reader who wants no HTML: block elements end lines, links name their target.</summary>
internal static class HtmlToText
{
    private static readonly HashSet<HtmlTagId> Blocks =
    [
        HtmlTagId.P, HtmlTagId.Div, HtmlTagId.H1, HtmlTagId.H2, HtmlTagId.H3, HtmlTagId.H4, HtmlTagId.H5, HtmlTagId.H6,
        HtmlTagId.UL, HtmlTagId.OL, HtmlTagId.Table, HtmlTagId.BlockQuote, HtmlTagId.Pre, HtmlTagId.Section, HtmlTagId.Article,
        HtmlTagId.Header, HtmlTagId.Footer,
    ];

    public static string Convert(string html)
    {
        var text = new TextFlow();
        var hidden = default(HtmlTagId?);
        string? target = null;
        var tokenizer = new HtmlTokenizer(new StringReader(html));
        while (tokenizer.ReadNextToken(out var token))
        {
            if (token is HtmlTagToken tag)
            {
                if (hidden is null && IsHidden(tag))
                {
                    hidden = tag.Id;
                }
                else if (hidden == tag.Id && tag.IsEndTag)
                {
                    hidden = null;
                }
                else if (hidden is null)
                {
                    target = AppendTag(text, tag, target);
                }
            }
            else if (hidden is null && token is HtmlDataToken { Kind: HtmlTokenKind.Data or HtmlTokenKind.CData } data)
            {
                text.Words(data.Data);
            }
        }

        return text.ToString();
    }

    private static bool IsHidden(HtmlTagToken tag) =>
        tag is { IsEndTag: false, IsEmptyElement: false, Id: HtmlTagId.Script or HtmlTagId.Style or HtmlTagId.Title };

    private static string? AppendTag(TextFlow text, HtmlTagToken tag, string? target)
    {
        if (Blocks.Contains(tag.Id))
        {
            text.Break(2);
            return target;
        }

        switch (tag.Id)
        {
            case HtmlTagId.Br when !tag.IsEndTag:
                text.Line();
                break;
            case HtmlTagId.TR:
                text.Break(1);
                break;
            case HtmlTagId.TD or HtmlTagId.TH when tag.IsEndTag:
                text.Words(" ");
                break;
            case HtmlTagId.LI when !tag.IsEndTag:
                text.Break(1);
                text.Words("• ");
                break;
            case HtmlTagId.HR:
                text.Break(1);
                text.Words("————");
                text.Break(1);
                break;
            case HtmlTagId.Image when !tag.IsEndTag && Attribute(tag, HtmlAttributeId.Alt) is { Length: > 0 } alt:
                text.Words($"[{alt}]");
                break;
            case HtmlTagId.A when !tag.IsEndTag:
                return Attribute(tag, HtmlAttributeId.Href);
            case HtmlTagId.A:
                text.Target(target);
                return null;
        }

        return target;
    }

    private static string? Attribute(HtmlTagToken tag, HtmlAttributeId id) =>
        tag.Attributes.FirstOrDefault(attribute => attribute.Id == id)?.Value?.Trim();

    /// <summary>Text with HTML's white space collapsed, and no more than two empty lines in a row.</summary>
    private sealed class TextFlow
    {
        private const int MaxLineEnds = 3;
        private readonly StringBuilder _text = new();
        private int _lineEnds;
        private bool _space;

        public void Words(string words)
        {
            foreach (var c in words)
            {
                if (c is ' ' or '\t' or '\r' or '\n')
                {
                    _space = true;
                    continue;
                }

                if (_space && _text.Length > 0 && _lineEnds == 0)
                {
                    _text.Append(' ');
                }

                _space = false;
                _lineEnds = 0;
                _text.Append(c);
            }
        }

        public void Line() => Break(Math.Min(_lineEnds + 1, MaxLineEnds));

        /// <summary>At least this many line ends here, unless nothing stands before them.</summary>
        public void Break(int lines)
        {
            _space = false;
            if (_text.Length > 0 && _lineEnds < lines)
            {
                _text.Append('\n', lines - _lineEnds);
                _lineEnds = lines;
            }
        }

        /// <summary>Where the link that ends here leads, unless its words say so already.</summary>
        public void Target(string? target)
        {
            if (target is { Length: > 0 } && target[0] != '#' && !EndsWith(target))
            {
                Words($" <{target}>");
            }
        }

        public override string ToString() => _text.ToString().Trim();

        private bool EndsWith(string value) =>
            _text.Length >= value.Length && _text.ToString(_text.Length - value.Length, value.Length).Equals(value, StringComparison.Ordinal);
    }
}
