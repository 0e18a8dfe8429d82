using System.Text;

namespace Smtpy.Mail.Tests.Encryption;

/// <param name="Entity">What must be found inside, without header protection: Content-* fields and body.</param>
internal sealed record SampleMessage(byte[] Message, byte[] Entity, byte[] Body);

/// <summary>Messages with everything that a careless rewrite would change.</summary>
internal static class SampleMessages
{
    private const string Fields =
        "Received: by x\r\n\tfor <a@b.example>\r\nSubject: Gr\u00c3\u00bc\u00c3\u009fe\r\nFrom: Jane <jane@sender.example>\r\n";

    private const string MoreFields =
        "To: rita@recipient.example\r\nDate: Tue, 06 May 2031 07:08:09 +0000\r\nMessage-ID: <1@sender.example>\r\nMIME-Version: 1.0\r\n";

    public static string[] Names => ["attachment", "8-bit", "long lines", "untyped", "no body", "no line end", "odd fields", "large"];

    public static SampleMessage Get(string name) => name switch
    {
        "attachment" => Make(
            "Content-Type: multipart/mixed; boundary=b1\r\n",
            "preamble\r\n--b1\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nGr\u00c3\u00bc\u00c3\u009fe \r\n" +
            "--b1\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\nAAECAwQF\r\nBgc=\r\n--b1--\r\nepilogue\r\n"),
        "8-bit" => Make("Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: 8bit\r\n", "Gr\u00fc\u00dfe\t\u0000\u00ff \r\n\r\n\r\n"),
        "long lines" => Make("Content-Type: text/html\r\n", new string('x', 20_000) + "\r\nFrom here\r\n.\r\n-----BEGIN PGP\r\n"),
        "untyped" => Make("", "just text\r\n"),
        "no body" => Make("Content-Type: text/plain\r\n", ""),
        "no line end" => Make("Content-Type: text/plain\r\n", "text"),
        "odd fields" => Make("CONTENT-type :\r\n\ttext/plain;\r\n  charset=\"utf-8\"\r\ncontent-ID: <x>\r\nContent-X:\r\n", "text\r\n"),
        "large" => Make("Content-Type: application/octet-stream\r\n", Noise(3_000_000)),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "No such sample."),
    };

    private static SampleMessage Make(string content, string body) => new(
        Encoding.Latin1.GetBytes($"{Fields}{content}{MoreFields}\r\n{body}"),
        Encoding.Latin1.GetBytes($"{content}\r\n{body}"),
        Encoding.Latin1.GetBytes(body));

    private static string Noise(int length)
    {
        var octets = new byte[length];
        new Random(4711).NextBytes(octets);
        return Encoding.Latin1.GetString(octets);
    }
}
