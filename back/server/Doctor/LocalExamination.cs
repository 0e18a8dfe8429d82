using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Smtpy.Core.Storage;
using Smtpy.Server.Configuration;
using Smtpy.Server.Hosting;

namespace Smtpy.Server.Doctor;

/// <summary>Looks at what is on this machine: folder, database, ports, TLS, clock.</summary>
internal sealed class LocalExamination(Settings settings, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan RenewalNotice = TimeSpan.FromDays(14);

    public Finding Folder()
    {
        try
        {
            _ = new DataFolder(settings);
            var probe = Path.Combine(settings.DataFolder, $".probe-{Environment.ProcessId}");
            File.WriteAllText(probe, "");
            File.Delete(probe);
            return Finding.Ok("data folder", settings.DataFolder);
        }
        catch (Exception failure) when (failure is SettingException or IOException or UnauthorizedAccessException)
        {
            return Finding.Broken("data folder", failure.Message);
        }
    }

    public static async Task<Finding> DatabaseAsync(IDatabase database, CancellationToken cancellationToken)
    {
        try
        {
            var schema = await database.ReadSchemaAsync(cancellationToken);
            return schema.Serves(database.Schema)
                ? Finding.Ok("database", $"{database.Description}, schema {schema.Applied}")
                : Finding.Warning("database", $"{database.Description} has schema {schema.Applied ?? "none"}, not {database.Schema.Latest}: run \"smtpy migrate\" or \"smtpy serve\"");
        }
        catch (StorageException failure)
        {
            return Finding.Broken("database", failure.Message);
        }
    }

    /// <summary>A listener that greets is ours and runs; a free port can be taken at the next start; anything else is in the way.</summary>
    public static async Task<Finding> PortAsync(
        string setting, IPEndPoint listen, string greeting, string question, CancellationToken cancellationToken, bool tls = false)
    {
        var about = $"{setting} {listen}";
        var target = new IPEndPoint(
            listen.Address.Equals(IPAddress.Any) ? IPAddress.Loopback : listen.Address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : listen.Address,
            listen.Port);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            using var client = new TcpClient(target.AddressFamily);
            await client.ConnectAsync(target, limit.Token);
            await using var stream = await OpenAsync(client.GetStream(), tls, limit.Token);
            await stream.WriteAsync(Encoding.ASCII.GetBytes(question), limit.Token);
            var octets = new byte[512];
            var answer = Encoding.ASCII.GetString(octets, 0, await stream.ReadAsync(octets, limit.Token));
            return answer.StartsWith(greeting, StringComparison.Ordinal)
                ? Finding.Ok(about, "a server runs there: " + answer.Split('\r', '\n')[0])
                : Finding.Broken(about, "another program listens there; choose another address or stop it");
        }
        catch (SocketException failure) when (failure.SocketErrorCode == SocketError.ConnectionRefused)
        {
            return Free(about, listen);
        }
        catch (AuthenticationException failure)
        {
            return Finding.Broken(about, "another program listens there, or its TLS is broken: " + failure.Message);
        }
        catch (Exception failure) when (failure is SocketException or IOException or OperationCanceledException)
        {
            return Finding.Broken(about, "something is there but does not answer: " + failure.Message);
        }
    }

    public Finding Tls()
    {
        var folder = new DataFolder(settings);
        if (folder.MakesCertificate)
        {
            return Finding.Warning("TLS", "a self-signed certificate will be made at the first start; set TLS_CERT and TLS_KEY for a real one");
        }

        try
        {
            using var certificate = X509Certificate2.CreateFromPemFile(folder.CertificatePath, folder.KeyPath);
            var left = certificate.NotAfter.ToUniversalTime() - time.GetUtcNow().UtcDateTime;
            var text = $"{folder.CertificatePath}, valid until {certificate.NotAfter.ToUniversalTime():yyyy-MM-dd}";
            return left <= TimeSpan.Zero ? Finding.Broken("TLS", text + ": it has expired")
                : !certificate.MatchesHostname(settings.Hostname) ? Finding.Warning("TLS", $"{text}: it does not name {settings.Hostname}")
                : left < RenewalNotice ? Finding.Warning("TLS", text + ": renew it")
                : certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData)
                    ? Finding.Warning("TLS", text + ": self-signed, enough for opportunistic TLS only")
                    : Finding.Ok("TLS", text);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or CryptographicException)
        {
            return Finding.Broken("TLS", $"{folder.CertificatePath} with {folder.KeyPath}: {failure.Message}");
        }
    }

    /// <summary>Without a time server to ask, one thing is certain: now is after this program was built.</summary>
    public Finding Clock()
    {
        var now = time.GetUtcNow().UtcDateTime;
        var built = File.GetLastWriteTimeUtc(typeof(LocalExamination).Assembly.Location);
        return now >= built.AddDays(-1)
            ? Finding.Ok("clock", $"{now:yyyy-MM-dd HH:mm:ss} UTC")
            : Finding.Broken("clock", $"{now:yyyy-MM-dd HH:mm:ss} UTC is before this program was built: set the clock, signatures and retries need it");
    }

    /// <summary>Whose certificate it is does not matter here: <see cref="Tls"/> looks at ours.</summary>
    private static async Task<Stream> OpenAsync(Stream stream, bool tls, CancellationToken cancellationToken)
    {
        if (!tls)
        {
            return stream;
        }

        var secure = new SslStream(stream);
        await secure.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate is not null,
            },
            cancellationToken);
        return secure;
    }

    private static Finding Free(string about, IPEndPoint listen)
    {
        try
        {
            using var probe = new TcpListener(listen);
            probe.Start();
            return Finding.Ok(about, "free; no server runs there now");
        }
        catch (SocketException failure)
        {
            return Finding.Broken(about, "cannot be listened on: " + failure.Message);
        }
    }
}
