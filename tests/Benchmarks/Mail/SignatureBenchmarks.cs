using System.Text;
using BenchmarkDotNet.Attributes;
using Smtpy.Mail.Arc;
using Smtpy.Mail.AuthenticationResults;
using Smtpy.Mail.Dkim;
using Smtpy.Mail.Dns;
using Smtpy.Mail.Headers;

namespace Smtpy.Benchmarks.Mail;

/// <summary>What a message of 10 KiB costs in signatures: verified when it comes, signed and sealed when it goes. Keys come from memory.</summary>
[MemoryDiagnoser]
public class SignatureBenchmarks
{
    private readonly DkimVerifierOptions _options = new();
    private readonly DkimSigner _signer = new(new DkimSignerOptions(), TimeProvider.System);
    private readonly ArcSealer _sealer = new(TimeProvider.System);
    private readonly AuthenticationResult[] _results = [new("spf", "pass"), new("dkim", "pass"), new("dmarc", "pass")];
    private readonly SigningKey _rsa = new("shop.test", "r", PrivateKey.GenerateRsa());
    private readonly SigningKey _ed25519 = new("shop.test", "e", PrivateKey.GenerateEd25519());
    private readonly byte[] _body = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("A line of text as people write them, with a few words in it.\r\n", 160)));
    private DkimVerifier _verifier = null!;
    private ArcVerifier _validator = null!;
    private byte[] _plain = [];
    private byte[] _signed = [];
    private byte[] _signedTwice = [];
    private byte[] _sealed = [];

    [GlobalSetup]
    public void Prepare()
    {
        var texts = new MemoryTexts { [_rsa.RecordName] = _rsa.RecordText, [_ed25519.RecordName] = _ed25519.RecordText };
        var keys = new KeyDirectory(texts, _options);
        _verifier = new DkimVerifier(keys, TimeProvider.System);
        _validator = new ArcVerifier(keys, TimeProvider.System);
        _plain = Encoding.ASCII.GetBytes(
            string.Concat(Enumerable.Repeat("Received: from a.shop.test (a.shop.test [192.0.2.1])\r\n\tby mx.shop.test with ESMTPS id 1\r\n", 4))
            + "From: Joe <joe@shop.test>\r\nTo: a@alias.test\r\nSubject: Your order\r\nDate: Tue, 24 Nov 2026 10:00:00 +0000\r\n"
            + "Message-ID: <1@shop.test>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n");
        _signed = [.. Sign(_rsa), .. _plain];
        _signedTwice = [.. Sign(_rsa), .. Sign(_ed25519), .. _plain];
        _sealed = [.. Seal(_signed, ArcStatus.None)!, .. _signed];
    }

    [Benchmark]
    public Task<IReadOnlyList<DkimResult>> VerifyRsa() => VerifyAsync(_signed);

    [Benchmark]
    public Task<IReadOnlyList<DkimResult>> VerifyRsaAndEd25519() => VerifyAsync(_signedTwice);

    [Benchmark]
    public async Task<ArcResult> ValidateOneSet()
    {
        var chain = ArcChain.Read(new HeaderIndex(_sealed), _options);
        using var body = Hash(chain.BodyHashes);
        return await _validator.VerifyAsync(chain, body, CancellationToken.None);
    }

    [Benchmark]
    public byte[] SignRsa() => Sign(_rsa);

    [Benchmark]
    public byte[] SignRsaAndEd25519()
    {
        using var body = Hash([BodyHashKind.Signing]);
        var header = new HeaderIndex(_plain);
        return [.. _signer.Sign(_rsa, header, body), .. _signer.Sign(_ed25519, header, body)];
    }

    [Benchmark]
    public byte[]? SealSecondSet() => Seal(_sealed, ArcStatus.Pass);

    [Benchmark]
    public void HashBody() => Hash([BodyHashKind.Signing]).Dispose();

    private byte[] Sign(SigningKey key)
    {
        using var body = Hash([BodyHashKind.Signing]);
        return _signer.Sign(key, new HeaderIndex(_plain), body);
    }

    private byte[]? Seal(byte[] header, ArcStatus incoming)
    {
        using var body = Hash([BodyHashKind.Signing]);
        return _sealer.Seal(_rsa, "mx.test", _results, new HeaderIndex(header), body, incoming);
    }

    private async Task<IReadOnlyList<DkimResult>> VerifyAsync(byte[] header)
    {
        var signatures = DkimSignatures.Read(new HeaderIndex(header), _options);
        using var body = Hash(signatures.BodyHashes);
        return await _verifier.VerifyAsync(signatures, body, CancellationToken.None);
    }

    private BodyHasher Hash(IEnumerable<BodyHashKind> kinds)
    {
        var hasher = new BodyHasher(kinds);
        hasher.Append(_body);
        hasher.Finish();
        return hasher;
    }

    private sealed class MemoryTexts : Dictionary<string, string>, ITextResolver
    {
        public Task<TextRecords> FindTextsAsync(string name, CancellationToken cancellationToken) =>
            Task.FromResult(new TextRecords(DnsStatus.Found, [this[name]], ""));
    }
}
