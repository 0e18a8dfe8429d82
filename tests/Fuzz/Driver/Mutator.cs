using System.Text;

namespace Smtpy.Fuzz.Driver;

/// <summary>Makes a new input of known ones: flipped bits, changed, repeated and removed stretches, splices, and words mail is made of.</summary>
internal sealed class Mutator(Random random, int maxLength)
{
    private static readonly byte[][] Words =
    [
        .. new[]
        {
            "\r\n", "\r\n\r\n", "\n", "\r\n ", "\t", ":", ";", "=", ",", "@", "<", ">", "\"", "\\", "(", ")", "[", "]", ".", "%", "+", "-", "_", "\0",
            "\u00fc", "\u202e", "xn--", "From: ", "Subject:", "Received: ", "Content-Type: ", "Content-Transfer-Encoding: base64",
            "multipart/report; report-type=delivery-status; boundary=x", "message/delivery-status", "text/rfc822-headers", "--x\r\n", "--x--",
            "Reporting-MTA: dns; ", "Final-Recipient: rfc822; ", "Action: failed", "Status: 5.1.1", "Diagnostic-Code: smtp; 550 ",
            "v=spf1 ", "include:", "redirect=", "exists:%{ir}.", "a:", "mx/24//64", "ip4:192.0.2.0/24", "ip6:2001:db8::/32", "?all", "-all", "exp=",
            "%{", "}", "%{d2r-_}", "v=DKIM1; ", "k=rsa; ", "k=ed25519", "p=", "v=1; a=rsa-sha256; ", "bh=", "b=", "h=from:to", "l=", "t=", "x=",
            "c=relaxed/simple", "d=", "s=", "i=", "q=dns/txt", "v=DMARC1; p=reject; ", "sp=", "np=", "psd=", "rua=mailto:",
            "SRS0=", "SRS1=", "SRS0+", "==", "application/pkcs7-mime; smime-type=enveloped-data", "multipart/encrypted",
            "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n", "-----BEGIN PGP MESSAGE-----", "-----END ", "-----BEGIN CERTIFICATE-----\n",
            "4294967296", "-1", "99999999999999999999", "2147483647", "255", "256",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    public byte[] Next(IReadOnlyList<byte[]> known)
    {
        List<byte> input = [.. known[random.Next(known.Count)]];
        for (var rounds = 1 << random.Next(5); rounds > 0; rounds--)
        {
            Change(input, known);
        }

        return input.Count <= maxLength ? [.. input] : [.. input[..maxLength]];
    }

    private void Change(List<byte> input, IReadOnlyList<byte[]> known)
    {
        var at = random.Next(input.Count + 1);
        var length = Math.Min(1 << random.Next(7), input.Count - at);
        switch (random.Next(8))
        {
            case 0 when at < input.Count:
                input[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1 when at < input.Count:
                input[at] = (byte)random.Next(256);
                break;
            case 2:
                input.RemoveRange(at, length);
                break;
            case 3:
                Repeat(input, at, length);
                break;
            case 4:
                var other = known[random.Next(known.Count)];
                var (from, to) = (random.Next(other.Length + 1), random.Next(other.Length + 1));
                input.InsertRange(at, other[Math.Min(from, to)..Math.Max(from, to)]);
                break;
            case 5:
                input.RemoveRange(at, length);
                input.InsertRange(at, Words[random.Next(Words.Length)]);
                break;
            default:
                input.InsertRange(at, Words[random.Next(Words.Length)]);
                break;
        }
    }

    // Now and then very often: depth and counts are where bounds are forgotten.
    private void Repeat(List<byte> input, int at, int length)
    {
        var stretch = input.GetRange(at, length);
        for (var times = random.Next(16) == 0 ? 1000 : 1; times > 0 && input.Count < maxLength; times--)
        {
            input.InsertRange(at, stretch);
        }
    }
}
