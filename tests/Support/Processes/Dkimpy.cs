using System.Globalization;
using System.Text.Json;

namespace Smtpy.Tests.Support.Processes;

/// <summary>python3-dkim asking a real name server: an implementation of DKIM (RFC 6376, RFC 8463) and ARC (RFC 8617) that nobody here wrote.</summary>
public static class Dkimpy
{
    private const string Common =
        """
        import dkim, dns.resolver, json, re, sys
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = [sys.argv[1]], int(sys.argv[2])
        def ask(name, timeout=5):
            try:
                return b"".join(resolver.resolve(name.decode().rstrip("."), "TXT")[0].strings)
            except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
                return None

        """;

    private const string Verification = Common +
        """
        message = re.sub(rb"\r?\n", b"\r\n", open(sys.argv[3], "rb").read())
        fields = [value for name, value in dkim.rfc822_parse(message)[0] if name.lower() == b"dkim-signature"]
        signatures = []
        for number, value in enumerate(fields):
            tags = dkim.util.parse_tag_value(value)
            try:
                passes = dkim.DKIM(message).verify(number, dnsfunc=ask)
            except dkim.DKIMException as failure:
                passes = False
            signatures.append({"domain": tags[b"d"].decode(), "selector": tags[b"s"].decode(), "algorithm": tags[b"a"].decode(), "passes": passes})
        chain, sets, reason = dkim.ARC(message).verify(dnsfunc=ask)
        json.dump({"signatures": signatures, "chain": chain.decode(), "instances": len(sets), "reason": str(reason)}, sys.stdout)
        """;

    private const string List = Common +
        """
        message = open(sys.argv[3], "rb").read()
        key, domain, selector = open(sys.argv[4], "rb").read(), sys.argv[5].encode(), sys.argv[6].encode()
        seal = b"".join(dkim.arc_sign(message, selector, domain, key, domain))
        message = dkim.sign(message, selector, domain, key, canonicalize=(b"relaxed", b"relaxed"),
            include_headers=[b"from", b"to", b"subject", b"list-id", b"list-unsubscribe", b"list-unsubscribe-post", b"message-id"]) + message
        sys.stdout.buffer.write(seal + message)
        """;

    /// <param name="message">Line ends of either kind.</param>
    public static async Task<DkimpyAnswer> VerifyAsync(
        byte[] message, int dnsPort, string dnsAddress = "127.0.0.1", CancellationToken cancellationToken = default)
    {
        var output = await RunAsync(Verification, message, dnsAddress, dnsPort, [], cancellationToken);
        return JsonSerializer.Deserialize<DkimpyAnswer>(output, JsonSerializerOptions.Web)!;
    }

    /// <summary>What a mailing list does last: an ARC set by what its own Authentication-Results says, over a signature of its own.</summary>
    /// <param name="message">ASCII, CRLF line ends, with an Authentication-Results field of the domain.</param>
    public static Task<string> SealAsync(byte[] message, int dnsPort, string keyFile, string domain, string selector, CancellationToken cancellationToken = default) =>
        RunAsync(List, message, "127.0.0.1", dnsPort, [keyFile, domain, selector], cancellationToken);

    private static async Task<string> RunAsync(
        string script, byte[] message, string dnsAddress, int dnsPort, string[] more, CancellationToken cancellationToken)
    {
        RequiredPackages.Need("python3-dkim");
        RequiredPackages.Need("python3-nacl");
        RequiredPackages.Need("python3-dnspython");
        using var folder = new TempFolder();
        var file = folder.Combine("message.eml");
        await File.WriteAllBytesAsync(file, message, cancellationToken);
        return (await ChildProcess.RunAsync(
            ["/usr/bin/python3", "-c", script, dnsAddress, dnsPort.ToString(CultureInfo.InvariantCulture), file, .. more], cancellationToken: cancellationToken)).MustSucceed();
    }
}

/// <param name="Chain">"pass", "fail" or "none", of <paramref name="Instances"/> ARC sets.</param>
public sealed record DkimpyAnswer(IReadOnlyList<DkimpySignature> Signatures, string Chain, int Instances, string Reason);

public sealed record DkimpySignature(string Domain, string Selector, string Algorithm, bool Passes);
