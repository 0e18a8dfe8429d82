using System.Text;

namespace Smtpy.EndToEnd.Content;

/// <summary>A message of a shape that real mail has and forwarders get wrong.</summary>
/// <param name="Name">Unique; goes into the Message-ID.</param>
/// <param name="Octets">CRLF line ends.</param>
public sealed record Shape(string Name, byte[] Octets)
{
    public override string ToString() => Name;

    public string MessageId => $"<{Name}@shapes.test>";

    /// <summary>Every shape but the huge ones, which have tests of their own.</summary>
    public static IEnumerable<Shape> All()
    {
        yield return Make("plain", "Hello\r\n");
        yield return Make("empty-body", "");
        yield return Make("dot-lines", ".\r\n..\r\n...\r\n.leading\r\n. \r\ntext\r\n.\r\n");
        yield return Make("only-a-dot", ".\r\n");
        yield return Make("blank-lines-at-the-end", "text\r\n\r\n\r\n\r\n");
        yield return Make("trailing-white-space", "text \t \r\n \r\n\t\r\n");
        yield return Make("eight-bit-latin1", Latin1("Grüße aus Zürich: \u00a0\u00ff\u0080\r\n"));
        yield return Make("eight-bit-utf8", "Grüße, 你好, \U0001F600\r\n");
        yield return Make("long-line-998", new string('x', 998) + "\r\n");
        yield return Make("long-line-20000", new string('y', 20_000) + "\r\nnext\r\n");
        yield return Make("every-octet", EveryOctet());
        yield return Make("nested-mime", NestedMime(depth: 40), "Content-Type: multipart/mixed; boundary=b0\r\n");
        yield return Make("folded-fields", "text\r\n", "X-Folded: one\r\n\ttwo\r\n   three\r\nX-Empty:\r\nX-Spaces:   a  b\t \r\n");
        yield return Make("odd-field-spelling", "text\r\n", "sUbJeCt:no space after the colon\r\nx-lower: y\r\n");
        yield return Make("repeated-fields", "text\r\n", "X-Twice: 1\r\nX-Twice: 2\r\nReceived: from a by b; x\r\nReceived: from c by a; y\r\n");
        yield return Make("ten-thousand-header-lines", "text\r\n", TenThousandLines());
        yield return Make("one-header-field-of-100-kb", "text\r\n", "X-Long: " + string.Concat(Enumerable.Repeat("0123456789\r\n ", 9000)) + "end\r\n");
        yield return Make("looks-like-smtp", "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\nQUIT\r\n");
        yield return Make("looks-like-mbox", "From someone Thu Jan  1 00:00:00 1970\r\n>From x\r\nFrom y\r\n");
    }

    /// <summary>Obsolete syntax (RFC 5322 section 4.5) that Postfix itself corrects on the way: to be compared at a sink only.</summary>
    public static Shape SpaceBeforeColon() => Make("space-before-colon", "text\r\n", "X-A : space before the colon\r\n");

    public static Shape Huge(int octets)
    {
        var line = Encoding.ASCII.GetBytes(new string('z', 98) + "\r\n");
        var body = new byte[octets / line.Length * line.Length];
        for (var at = 0; at < body.Length; at += line.Length)
        {
            line.CopyTo(body, at);
        }

        return Make("huge", body);
    }

    /// <summary>A message whose last line has no line end: it can be sent with BDAT only.</summary>
    public static Shape WithoutFinalLineEnd() => Make("no-final-line-end", "first\r\nlast without an end");

    private static Shape Make(string name, string body, string fields = "") => Make(name, Encoding.UTF8.GetBytes(body), fields);

    private static Shape Make(string name, byte[] body, string fields = "")
    {
        var head = "Date: Thu, 19 Nov 2026 10:00:00 +0000\r\nFrom: Shapes <sender@client.test>\r\nTo: someone@alias.test\r\n"
            + $"Message-ID: <{name}@shapes.test>\r\nSubject: {name}\r\n{fields}\r\n";
        return new Shape(name, [.. Encoding.UTF8.GetBytes(head), .. body]);
    }

    private static byte[] Latin1(string text) => Encoding.Latin1.GetBytes(text);

    /// <summary>All 256 values but NUL, CR and LF, which a message cannot carry outside of line ends (RFC 5321 section 2.3.8).</summary>
    private static byte[] EveryOctet() =>
        [.. Enumerable.Range(1, 255).Select(value => (byte)value).Where(value => value is not (byte)'\r' and not (byte)'\n'), .. "\r\n"u8];

    private static string TenThousandLines() =>
        string.Concat(Enumerable.Range(0, 10_000).Select(number => $"X-Line-{number}: value {number}\r\n"));

    private static string NestedMime(int depth)
    {
        var text = new StringBuilder();
        for (var level = 0; level < depth; level++)
        {
            text.Append($"--b{level}\r\nContent-Type: multipart/mixed; boundary=b{level + 1}\r\n\r\n");
        }

        text.Append($"--b{depth}\r\n\r\ninnermost\r\n");
        for (var level = depth; level >= 0; level--)
        {
            text.Append($"--b{level}--\r\n");
        }

        return text.ToString();
    }
}
