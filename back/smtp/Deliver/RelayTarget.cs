using System.Diagnostics.CodeAnalysis;
using System.Net;
using Smtpy.Mail.Client;

namespace Smtpy.Smtp.Deliver;

/// <summary>The server that takes all outgoing mail.</summary>
public sealed record RelayTarget(string Host, int Port, SmtpTls Tls, SmtpCredentials? Credentials)
{
    /// <summary>What <see cref="TryParse"/> takes, for error messages.</summary>
    public const string Accepted = "smtp://[user:password@]host[:port] or smtps://[user:password@]host[:port]";

    /// <summary>
    /// "smtps://" is TLS from the start with a valid certificate. "smtp://" uses STARTTLS where offered. With a password, STARTTLS
    /// and a valid certificate are required, except on loopback: a password given to whoever answers is given away.
    /// </summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out RelayTarget? target)
    {
        target = null;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme is not ("smtp" or "smtps") || uri.Host.Length == 0
            || uri.AbsolutePath is not ("" or "/") || uri.Query.Length > 0 || uri.Fragment.Length > 0 || uri.Port == 0)
        {
            return false;
        }

        if (!TryParseCredentials(uri.UserInfo, out var credentials))
        {
            return false;
        }

        var implicitTls = uri.Scheme == "smtps";
        var port = uri.Port > 0 ? uri.Port : implicitTls ? 465 : 25;
        var loopback = uri.DnsSafeHost == "localhost" || (IPAddress.TryParse(uri.DnsSafeHost, out var address) && IPAddress.IsLoopback(address));
        var tls = implicitTls ? (loopback ? SmtpTls.Implicit : SmtpTls.ImplicitVerified)
            : credentials is not null && !loopback ? SmtpTls.RequiredVerified
            : SmtpTls.Opportunistic;
        target = new RelayTarget(uri.DnsSafeHost, port, tls, credentials);
        return true;
    }

    public override string ToString() => $"{Host}:{Port}";

    private static bool TryParseCredentials(string userInfo, out SmtpCredentials? credentials)
    {
        credentials = null;
        if (userInfo.Length == 0)
        {
            return true;
        }

        var colon = userInfo.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0)
        {
            return false;
        }

        credentials = new SmtpCredentials(Uri.UnescapeDataString(userInfo[..colon]), Uri.UnescapeDataString(userInfo[(colon + 1)..]));
        return !credentials.User.Contains('\0', StringComparison.Ordinal) && !credentials.Password.Contains('\0', StringComparison.Ordinal);
    }
}
