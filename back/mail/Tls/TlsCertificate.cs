using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;

namespace Smtpy.Mail.Tls;

/// <summary>
/// The server's certificate, key and chain from PEM files, read again when the files change. A broken new file is logged
/// once and the certificate in use stays.
/// </summary>
public sealed partial class TlsCertificate
{
    // Soon enough for who has just put a new pair there and looks whether it is shown; two looks at two files cost nothing.
    private static readonly TimeSpan DefaultCheckInterval = TimeSpan.FromSeconds(5);

    private readonly string _certificatePath;
    private readonly string _keyPath;
    private readonly TimeProvider _time;
    private readonly TimeSpan _checkInterval;
    private readonly ILogger _logger;
    private readonly Lock _checking = new();
    private SslStreamCertificateContext _current;
    private FilesStamp _stamp;
    private long _lastCheck;

    private TlsCertificate(
        string certificatePath, string keyPath, TimeProvider time, TimeSpan checkInterval, ILogger<TlsCertificate> logger)
    {
        (_certificatePath, _keyPath, _time, _checkInterval, _logger) = (certificatePath, keyPath, time, checkInterval, logger);
        _stamp = FilesStamp.Of(certificatePath, keyPath);
        _current = Read(certificatePath, keyPath);
        _lastCheck = time.GetTimestamp();
    }

    /// <summary>For the next handshake. Looks at the files when the check interval has passed.</summary>
    public SslStreamCertificateContext Current
    {
        get
        {
            if (_time.GetElapsedTime(Volatile.Read(ref _lastCheck)) >= _checkInterval && _checking.TryEnter())
            {
                try
                {
                    Check();
                }
                finally
                {
                    _checking.Exit();
                }
            }

            return Volatile.Read(ref _current);
        }
    }

    /// <param name="certificatePath">PEM: the server's certificate first, then its intermediates.</param>
    /// <param name="keyPath">PEM: the unencrypted private key.</param>
    /// <param name="checkInterval">How often the files are looked at; 5 seconds unless told.</param>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be read.</exception>
    /// <exception cref="CryptographicException">A file's content is no certificate or key, or they do not belong together.</exception>
    public static TlsCertificate Load(
        string certificatePath, string keyPath, TimeProvider time, ILogger<TlsCertificate> logger, TimeSpan? checkInterval = null)
    {
        ArgumentNullException.ThrowIfNull(time);
        return new TlsCertificate(certificatePath, keyPath, time, checkInterval ?? DefaultCheckInterval, logger);
    }

    private void Check()
    {
        Volatile.Write(ref _lastCheck, _time.GetTimestamp());
        var stamp = FilesStamp.Of(_certificatePath, _keyPath);
        if (stamp == _stamp)
        {
            return;
        }

        _stamp = stamp;
        try
        {
            // The old one is not disposed: handshakes under way may hold it.
            Volatile.Write(ref _current, Read(_certificatePath, _keyPath));
            LogReloaded(_logger, _certificatePath);
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException or CryptographicException)
        {
            LogBroken(_logger, _certificatePath, broken.Message);
        }
    }

    private static SslStreamCertificateContext Read(string certificatePath, string keyPath)
    {
        var certificate = X509Certificate2.CreateFromPemFile(certificatePath, keyPath);
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(certificatePath);

        // Offline: no fetching of missing intermediates while a client waits.
        return SslStreamCertificateContext.Create(certificate, chain, offline: true);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "TLS certificate read again from {Path}")]
    private static partial void LogReloaded(ILogger logger, string path);

    [LoggerMessage(Level = LogLevel.Warning, Message = "TLS certificate {Path} has changed but cannot be used, the old one stays: {Reason}")]
    private static partial void LogBroken(ILogger logger, string path, string reason);

    private readonly record struct FilesStamp(DateTime Certificate, long CertificateSize, DateTime Key, long KeySize)
    {
        public static FilesStamp Of(string certificatePath, string keyPath)
        {
            var (certificate, key) = (new FileInfo(certificatePath), new FileInfo(keyPath));
            return new FilesStamp(
                certificate.LastWriteTimeUtc, certificate.Exists ? certificate.Length : -1,
                key.LastWriteTimeUtc, key.Exists ? key.Length : -1);
        }
    }
}
