using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Smtpy.Mail.Server;
using Smtpy.Mail.Server.Sasl;
using Smtpy.Mail.Tls;

namespace Smtpy.Mail.Tests.Server;

/// <summary>A server on a port of its own, with the policy and clock it was given.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private TestServer(SmtpServer server, MemoryPolicy policy, CollectedLogs logs) => (Server, Policy, Logs) = (server, policy, logs);

    public static SmtpServerOptions DefaultOptions { get; } = new()
    {
        Hostname = "mx.test",
        Listeners = [On(ListenerKind.Mx)],
    };

    /// <summary>All kinds of listener, each on a port of its own.</summary>
    public static SmtpServerOptions AllListeners { get; } = DefaultOptions with
    {
        Listeners = [On(ListenerKind.Mx), On(ListenerKind.Submission), On(ListenerKind.SubmissionTls)],
    };

    public SmtpServer Server { get; }

    public MemoryPolicy Policy { get; }

    public CollectedLogs Logs { get; }

    public static async Task<TestServer> StartAsync(
        SmtpServerOptions? options = null, MemoryPolicy? policy = null, TlsCertificate? certificate = null, TimeProvider? time = null,
        ISaslCredentials? credentials = null)
    {
        policy ??= new MemoryPolicy();
        var logs = new CollectedLogs();
        var server = new SmtpServer(options ?? DefaultOptions, policy, certificate, time ?? TimeProvider.System, logs, credentials);
        await server.StartAsync(CancellationToken.None);
        return new TestServer(server, policy, logs);
    }

    /// <summary>A listener for submission, with a certificate and with the users of <see cref="MemoryCredentials"/>.</summary>
    public static Task<TestServer> StartSubmissionAsync(
        TestCertificate certificate, ListenerKind kind = ListenerKind.Submission, SaslOptions? sasl = null, MemoryPolicy? policy = null) =>
        StartAsync(
            DefaultOptions with { Listeners = [On(kind)], Sasl = sasl ?? new SaslOptions() }, policy, certificate.Load(),
            credentials: new MemoryCredentials());

    public static SmtpListener On(ListenerKind kind) => new(kind, new IPEndPoint(IPAddress.Loopback, 0));

    public Task<RawClient> ConnectAsync() => RawClient.ConnectAsync(Server.EndPoint);

    public Task<RawClient> ConnectAsync(ListenerKind kind) =>
        RawClient.ConnectAsync(Server.Listeners.Single(listener => listener.Kind == kind).EndPoint);

    public async ValueTask DisposeAsync() => await Server.DisposeAsync();
}

/// <summary>A self-signed certificate in a folder of its own.</summary>
internal sealed class TestCertificate : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("smtpy-tls-");

    public TestCertificate(string hostname = "mx.test") => Create(hostname);

    public string CertificatePath => Path.Combine(_folder.FullName, "cert.pem");

    public string KeyPath => Path.Combine(_folder.FullName, "key.pem");

    public void Create(string hostname) => SelfSignedCertificate.Create(hostname, CertificatePath, KeyPath, TimeProvider.System);

    public TlsCertificate Load(TimeProvider? time = null, ILogger<TlsCertificate>? logger = null) =>
        TlsCertificate.Load(CertificatePath, KeyPath, time ?? TimeProvider.System, logger ?? NullLogger<TlsCertificate>.Instance);

    public void Dispose() => _folder.Delete(recursive: true);
}

/// <summary>Keeps what was logged at warning and above.</summary>
internal sealed class CollectedLogs : ILoggerFactory, ILogger, ILogger<TlsCertificate>
{
    public ConcurrentQueue<string> Lines { get; } = new();

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            Lines.Enqueue($"{logLevel}: {formatter(state, exception)} {exception?.GetType().Name}".TrimEnd());
        }
    }

    public void Dispose()
    {
    }
}
