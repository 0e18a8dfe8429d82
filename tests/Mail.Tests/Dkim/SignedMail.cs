using System.Text;
using Smtpy.Mail.Arc;
using Smtpy.Mail.AuthenticationResults;
using Smtpy.Mail.Dkim;
using Smtpy.Mail.Dns;
using Smtpy.Mail.Headers;
using Smtpy.Mail.Tests.Server;

namespace Smtpy.Mail.Tests.Dkim;

/// <summary>TXT records held in memory; "!" stands for a resolver that fails.</summary>
internal sealed class MemoryTexts : Dictionary<string, string[]>, ITextResolver
{
    public MemoryTexts()
        : base(StringComparer.OrdinalIgnoreCase)
    {
    }

    public int Questions { get; private set; }

    public Task<TextRecords> FindTextsAsync(string name, CancellationToken cancellationToken)
    {
        Questions++;
        return Task.FromResult(TryGetValue(name, out var texts)
            ? texts is ["!"] ? new TextRecords(DnsStatus.TemporaryFailure, [], "SERVFAIL") : new TextRecords(DnsStatus.Found, texts, "")
            : new TextRecords(DnsStatus.NotFound, [], "the name does not exist"));
    }
}

/// <summary>Messages signed, sealed and judged with keys made once.</summary>
internal sealed class SignedMail
{
    public const string Message =
        "From: Joe <joe@shop.test>\r\nTo: a@alias.test\r\nSubject: Order  42\r\n of today\r\nDate: Tue, 24 Nov 2026 10:00:00 +0000\r\n"
        + "Message-ID: <1@shop.test>\r\n\r\nHello  there \r\n\r\nBye\r\n\r\n";

    public static SigningKey Rsa { get; } = new("shop.test", "r", PrivateKey.GenerateRsa());

    public static SigningKey Ed25519 { get; } = new("shop.test", "e", PrivateKey.GenerateEd25519());

    public DkimVerifierOptions Options { get; init; } = new();

    public DkimSignerOptions SignerOptions { get; init; } = new();

    public ManualTime Time { get; } = new();

    public MemoryTexts Texts { get; } = new()
    {
        [Rsa.RecordName] = [Rsa.RecordText],
        [Ed25519.RecordName] = [Ed25519.RecordText],
    };

    public long Now => Time.GetUtcNow().ToUnixTimeSeconds();

    public string Sign(string message, params IReadOnlyList<SigningKey> keys)
    {
        var (header, body) = Split(message);
        using var hasher = Hash(body, [BodyHashKind.Signing]);
        var index = new HeaderIndex(header);
        var signer = new DkimSigner(SignerOptions, Time);
        return string.Concat(keys.Select(key => Encoding.UTF8.GetString(signer.Sign(key, index, hasher)))) + message;
    }

    /// <summary>With its set on top; the message as it was where none may be added.</summary>
    public async Task<string> SealAsync(string message, string authservId = "mx.test", ArcStatus? incoming = null)
    {
        var status = incoming ?? (await ValidateAsync(message)).Status;
        var (header, body) = Split(message);
        using var hasher = Hash(body, [BodyHashKind.Signing]);
        var set = new ArcSealer(Time).Seal(
            Rsa, authservId, [new AuthenticationResult("spf", "pass")], new HeaderIndex(header), hasher, status);
        return Encoding.UTF8.GetString(set ?? []) + message;
    }

    public async Task<IReadOnlyList<DkimResult>> VerifyAsync(string message)
    {
        var (header, body) = Split(message);
        var signatures = DkimSignatures.Read(new HeaderIndex(header), Options);
        using var hasher = Hash(body, signatures.BodyHashes);
        return await new DkimVerifier(new KeyDirectory(Texts, Options), Time).VerifyAsync(signatures, hasher, CancellationToken.None);
    }

    public async Task<ArcResult> ValidateAsync(string message)
    {
        var (header, body) = Split(message);
        var chain = ArcChain.Read(new HeaderIndex(header), Options);
        using var hasher = Hash(body, chain.BodyHashes);
        return await new ArcVerifier(new KeyDirectory(Texts, Options), Time).VerifyAsync(chain, hasher, CancellationToken.None);
    }

    public static (byte[] Header, byte[] Body) Split(string message)
    {
        var end = message.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        return end < 0
            ? (Encoding.UTF8.GetBytes(message), [])
            : (Encoding.UTF8.GetBytes(message[..(end + 2)]), Encoding.UTF8.GetBytes(message[(end + 4)..]));
    }

    private static BodyHasher Hash(byte[] body, IEnumerable<BodyHashKind> kinds)
    {
        var hasher = new BodyHasher(kinds);
        hasher.Append(body);
        hasher.Finish();
        return hasher;
    }
}
