using System.Text.Json;
using Smtpy.Mail.Arc;
using Smtpy.Mail.Dkim;
using Smtpy.Tests.Support;
using Smtpy.Tests.Support.Processes;
using Xunit;

namespace Smtpy.Mail.Tests.Dkim;

/// <summary>Signatures and seals exchanged with python3-dkim (dkimpy), in both directions, on bodies that are hard to make canonical.</summary>
public sealed class DkimpyTests
{
    /// <summary>Reads a list of jobs, writes a list of answers; octets travel as Latin-1 text.</summary>
    private const string Script =
        """
        import dkim, itertools, json, sys
        jobs = json.load(sys.stdin)
        keys = jobs["keys"]
        def dns(name, timeout=5):
            return keys.get(name.decode().rstrip("."))
        answers = []
        for job in jobs["jobs"]:
            message = job["message"].encode("latin-1")
            if job["do"] == "verify":
                signed = dkim.DKIM(message)
                answers.append([signed.verify(number, dnsfunc=dns) for number in range(job["signatures"])])
            elif job["do"] == "validate":
                answers.append(dkim.arc_verify(message, dnsfunc=dns)[0].decode())
            elif job["do"] == "seal":
                fields = dkim.arc_sign(message, b"r", b"shop.test", jobs["pem"].encode(), b"lists.test", timestamp=job["time"])
                answers.append(b"".join(fields).decode("latin-1"))
            else:
                made = []
                for pair in itertools.product((b"simple", b"relaxed"), repeat=2):
                    for length in (False, True):
                        made.append(dkim.sign(message, b"r", b"shop.test", jobs["pem"].encode(), canonicalize=pair, length=length,
                            include_headers=[b"from", b"to", b"subject", b"x-twice", b"x-twice", b"x-twice", b"cc"]).decode("latin-1"))
                answers.append(made)
        json.dump(answers, sys.stdout)
        """;

    private const string Header =
        "From: Joe  <joe@shop.test>\r\nTo: a@b.test,\r\n\t c@d.test  \r\nSubject:  odd\t  spacing \r\n here\r\nX-Twice: one\r\nX-Twice: two\r\n\r\n";

    private readonly SignedMail _mail = new();

    public static TheoryData<string> Bodies { get; } =
    [
        "", "\r\n", "\r\n\r\n \t\r\n", "hello  world\t \r\n\r\n\r\n", "no end", "a\r\n\r\n\r\nb \r\n   c\r\n", " \r\n", string.Concat(Enumerable.Repeat("a line\r\n", 5000)),
    ];

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task What_we_sign_and_seal_it_verifies(string body)
    {
        var signed = _mail.Sign(Header + body, SignedMail.Rsa, SignedMail.Ed25519);
        var once = await _mail.SealAsync(signed);
        var twice = await _mail.SealAsync(once);

        var answers = await RunAsync(
            new { @do = "verify", message = signed, signatures = 2 },
            new { @do = "verify", message = signed.Replace("here", "there", StringComparison.Ordinal), signatures = 2 },
            new { @do = "validate", message = once },
            new { @do = "validate", message = twice },
            new { @do = "validate", message = twice.Replace("here", "there", StringComparison.Ordinal) });

        Assert.Equal("""[[true,true],[false,false],"pass","pass","fail"]""", answers.GetRawText().Replace(" ", "", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task What_it_signs_we_verify(string body)
    {
        var made = (await RunAsync(new { @do = "sign", message = Header + body }))[0].EnumerateArray().Select(field => field.GetString()!).ToArray();

        // It puts its own clock into t=.
        var mail = new SignedMail { Options = new DkimVerifierOptions { MaxFuture = TimeSpan.FromDays(100_000) } };
        Assert.Equal(8, made.Length);
        foreach (var field in made)
        {
            Assert.Equal(DkimVerdict.Pass, Assert.Single(await mail.VerifyAsync(field + Header + body)).Verdict);
            Assert.Equal(DkimVerdict.Fail, Assert.Single(await mail.VerifyAsync(field + "X-Twice: zero\r\n" + Header + body)).Verdict);
            Assert.Equal(DkimVerdict.Fail, Assert.Single(await mail.VerifyAsync(field + "Cc: x@y.test\r\n" + Header + body)).Verdict);
        }
    }

    [Fact]
    public async Task What_it_seals_we_validate()
    {
        var message = "Authentication-Results: lists.test; spf=pass smtp.mailfrom=a@b.test\r\n" + Header + "text\r\n";
        var fields = (await RunAsync(new { @do = "seal", message, time = _mail.Now }))[0].GetString();

        var result = await _mail.ValidateAsync(fields + message);

        Assert.Equal((ArcStatus.Pass, 1, ""), (result.Status, result.Instances, result.Reason));
    }

    private static async Task<JsonElement> RunAsync(params object[] jobs)
    {
        RequiredPackages.Need("python3-dkim");
        RequiredPackages.Need("python3-nacl");
        using var folder = new TempFolder();
        var script = folder.Combine("dkimpy.py");
        await File.WriteAllTextAsync(script, Script);
        var input = JsonSerializer.Serialize(new
        {
            keys = new Dictionary<string, string>
            {
                [SignedMail.Rsa.RecordName] = SignedMail.Rsa.RecordText,
                [SignedMail.Ed25519.RecordName] = SignedMail.Ed25519.RecordText,
            },
            pem = SignedMail.Rsa.Key.ExportPem(),
            jobs,
        });
        var output = (await ChildProcess.RunAsync(["/usr/bin/python3", script], input: input)).MustSucceed();
        return JsonDocument.Parse(output).RootElement.Clone();
    }
}
