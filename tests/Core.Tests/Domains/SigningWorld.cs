using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Smtpy.Core.Domains;
using Smtpy.Core.Domains.Records;
using Smtpy.Mail.Dkim;
using Smtpy.Mail.Dns;
using Smtpy.Mail.Headers;
using Smtpy.Tests.Support;
using Smtpy.Tests.Support.Dns;

namespace Smtpy.Core.Tests.Domains;

/// <summary>A database with a domain, the DNS that carries its records, and everything that signs between them.</summary>
internal sealed class SigningWorld : IAsyncDisposable
{
    public const string Host = "mx.host.test";
    public const string Domain = "alias.test";

    private const string Message = "From: a@alias.test\r\nTo: b@dest.test\r\nSubject: Hello\r\nDate: Mon, 05 Jan 2026 08:00:00 +0000\r\n\r\nHello\r\n";

    private readonly WarningLog _log = new();

    private SigningWorld(TestDatabase database, DomainKeyOptions? options)
    {
        Database = database;
        Options = options ?? new DomainKeyOptions { HostName = Host };
        Use("a secret of some length");
    }

    public TestDatabase Database { get; }

    public DomainKeyOptions Options { get; }

    public DnsTestServer Dns { get; } = new();

    public EnsureDomainKeys Ensure { get; private set; } = null!;

    public RotateDomainKeys Rotate { get; private set; } = null!;

    public ListDomainKeys List => new(Database.Contexts, Options);

    public ForgetDomainKeys Forget => new(Database.Contexts, Options, Database.Time);

    public SigningFaults Faults { get; private set; } = null!;

    public IDkimKeys Ring { get; private set; } = null!;

    /// <summary>Warnings logged.</summary>
    public IReadOnlyList<string> Log => _log.Lines;

    /// <summary>How long an answer is waited for: less where there is none.</summary>
    public TimeSpan DnsPatience { get; set; } = Until.Patience;

    public IRecordResolver Resolver => new DnsRecordResolver(
        new MailResolverOptions { Server = Dns.EndPoint, CacheEntries = 0, Timeout = DnsPatience, Retries = 0 }, TimeProvider.System);

    public ExamineDomain Examine => new(Database.Contexts, new RecordExamination(Resolver, Options, TimeProvider.System), Options, Database.Time);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<SigningWorld> CreateAsync(DatabaseKind kind, DomainKeyOptions? options = null)
    {
        var world = new SigningWorld(await TestDatabase.CreateAsync(kind), options);
        await world.Database.AddAccountAsync("owner@home.test");
        await world.Database.AddVerifiedDomainAsync(Domain, "owner@home.test");
        return world;
    }

    /// <summary>As a process that was started with this SECRET_KEY.</summary>
    public void Use(string secret)
    {
        var seal = new DomainKeySeal(System.Text.Encoding.UTF8.GetBytes(secret));
        Ensure = new EnsureDomainKeys(Database.Contexts, seal, Database.Time);
        Rotate = new RotateDomainKeys(Database.Contexts, seal, Options, Database.Time);
        Faults = new SigningFaults(TimeProvider.System, _log);
        Ring = new DomainKeyRing(Database.Version(TimeProvider.System), seal, Options, Faults);
    }

    public DomainUpkeep Upkeep() => new(
        Database.Database, Ensure, Examine, Forget, Ring, Options, Database.Time, NullLogger<DomainUpkeep>.Instance);

    /// <summary>Puts the record of a key into DNS.</summary>
    public async Task PublishAsync(string selector, string domain = Domain)
    {
        var key = (await List.RunAsync(domain, Cancellation)).Value!.Keys.Single(k => k.Selector == selector).ToPublish();
        Dns.Txt(key.RecordName, key.RecordText);
    }

    public async Task<string[]> SelectorsAsync(string domain = Domain) =>
        [.. (await Ring.FindAsync(domain, Cancellation)).Select(static key => key.Selector)];

    /// <summary>Signs a message as it would leave now and has it verified by what DNS carries now.</summary>
    public async Task<IReadOnlyList<DkimResult>> SignAndVerifyAsync()
    {
        var end = Message.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        var (header, body) = (System.Text.Encoding.ASCII.GetBytes(Message[..(end + 2)]), System.Text.Encoding.ASCII.GetBytes(Message[(end + 4)..]));
        using var signing = Hash(body, [BodyHashKind.Signing]);
        var index = new HeaderIndex(header);
        var signer = new DkimSigner(new DkimSignerOptions(), TimeProvider.System);
        byte[] signed = [.. (await Ring.FindAsync(Domain, Cancellation)).SelectMany(key => signer.Sign(key, index, signing)), .. header];
        var options = new DkimVerifierOptions();
        var signatures = DkimSignatures.Read(new HeaderIndex(signed), options);
        using var verifying = Hash(body, signatures.BodyHashes);
        return await new DkimVerifier(new KeyDirectory(new CachedTextResolver(Resolver), options), TimeProvider.System)
            .VerifyAsync(signatures, verifying, Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        Faults.Dispose();
        await Dns.DisposeAsync();
        Database.Dispose();
    }

    private static BodyHasher Hash(byte[] body, IEnumerable<BodyHashKind> kinds)
    {
        var hasher = new BodyHasher(kinds);
        hasher.Append(body);
        hasher.Finish();
        return hasher;
    }

    private sealed class WarningLog : ILogger<SigningFaults>
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add(formatter(state, exception));
    }
}
