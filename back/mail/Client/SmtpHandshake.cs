using System.Net;
using System.Text;
using Smtpy.Mail.TlsPolicy;

namespace Smtpy.Mail.Client;

/// <summary>From the TCP connection to the first MAIL: greeting, EHLO, STARTTLS, AUTH.</summary>
internal sealed class SmtpHandshake(SmtpDialog dialog, RemoteHost host, SmtpClientOptions options)
{
    public PeerCapabilities Capabilities { get; private set; } = new();

    /// <summary>STARTTLS was agreed on but the TLS handshake failed: without TLS the host may still take mail.</summary>
    public bool TlsBroke { get; private set; }

    /// <summary>How TLS went, also where it was not needed; null where it did not come to that.</summary>
    public TlsResult? TlsResult { get; private set; }

    /// <summary>What vouches for the server.</summary>
    public TlsAuthentication Authentication { get; private set; }

    private TimeSpan CommandTime => options.Timeouts.Command;

    private bool MustEncrypt => options.Tls is SmtpTls.Required or SmtpTls.RequiredVerified;

    /// <returns>Null when the session is ready, else the reply, or our reason, that ended it.</returns>
    /// <exception cref="PeerLostException">The connection ended.</exception>
    public async Task<PeerReply?> RunAsync()
    {
        dialog.Transport.Limit(options.Timeouts.Connect, "connecting");
        await dialog.Transport.ConnectAsync(host);
        if (options.Tls is SmtpTls.Implicit or SmtpTls.ImplicitVerified && await EncryptAsync() is { } refusal)
        {
            return refusal;
        }

        if (await dialog.ReadAsync(options.Timeouts.Greeting, "greeting") / 100 != 2)
        {
            return dialog.Captured;
        }

        return await HelloAsync() ?? await StartTlsAsync() ?? await AuthenticateAsync();
    }

    private async Task<PeerReply?> HelloAsync()
    {
        var code = await dialog.AskAsync("EHLO " + options.Hostname, CommandTime, "EHLO");
        if (code / 100 == 2)
        {
            Capabilities = PeerCapabilities.Parse(dialog.CapturedLines);
            return null;
        }

        Capabilities = new PeerCapabilities();
        if (code / 100 != 5)
        {
            return dialog.Captured;
        }

        // RFC 5321 section 3.2: a server that does not know EHLO is asked with HELO.
        return await dialog.AskAsync("HELO " + options.Hostname, CommandTime, "HELO") / 100 == 2 ? null : dialog.Captured;
    }

    private async Task<PeerReply?> StartTlsAsync()
    {
        if (dialog.Transport.IsEncrypted || options.Tls == SmtpTls.None)
        {
            return null;
        }

        TlsResult = TlsPolicy.TlsResult.StarttlsNotSupported;
        if (!Capabilities.StartTls)
        {
            return MustEncrypt ? new PeerReply(451, "4.7.4", "TLS is required, but the server does not offer STARTTLS") : null;
        }

        var code = await dialog.AskAsync("STARTTLS", CommandTime, "STARTTLS");
        if (code != 220)
        {
            return MustEncrypt || code == 421 ? dialog.Captured : null;
        }

        // What came in clear text behind the 220 could be forged answers to what is said under TLS later.
        if (dialog.HasUnreadInput)
        {
            throw new PeerLostException("clear text after the answer to STARTTLS");
        }

        // RFC 3207 section 4.2: what was learnt before TLS is forgotten.
        return await EncryptAsync() ?? await HelloAsync();
    }

    /// <returns>Null when the session is encrypted, else why its certificate is not accepted.</returns>
    private async Task<PeerReply?> EncryptAsync()
    {
        dialog.Transport.Limit(options.Timeouts.TlsHandshake, "TLS handshake");
        var check = new CertificateCheck(options, options.CertificateName ?? host.Name.TrimEnd('.'));
        try
        {
            await dialog.Transport.EncryptAsync(check.Settings);
        }
        catch (PeerLostException) when (check.HasRefused)
        {
            TlsResult = check.Result;
            return check.Refusal;
        }
        catch (PeerLostException)
        {
            TlsResult = TlsPolicy.TlsResult.ValidationFailure;
            TlsBroke = true;
            throw;
        }

        (TlsResult, Authentication) = (check.Result, check.Authentication);
        return null;
    }

    private async Task<PeerReply?> AuthenticateAsync()
    {
        if (options.Credentials is not { } credentials)
        {
            return null;
        }

        if (!dialog.Transport.IsEncrypted && !IPAddress.IsLoopback(host.EndPoint.Address))
        {
            return new PeerReply(454, "4.7.0", "the password is not sent without TLS, and the server does not offer it");
        }

        if (!Capabilities.AuthPlain && !Capabilities.AuthLogin)
        {
            return new PeerReply(454, "4.7.0", "the server offers neither AUTH PLAIN nor AUTH LOGIN");
        }

        var code = Capabilities.AuthPlain ? await PlainAsync(credentials) : await LoginAsync(credentials);
        return code == 235 ? null
            : code >= 400 ? dialog.Captured
            : new PeerReply(454, "4.7.0", $"the server answered AUTH with {code}, which is not how it is accepted");
    }

    private ValueTask<int> PlainAsync(SmtpCredentials credentials) =>
        dialog.AskAsync("AUTH PLAIN " + Base64($"\0{credentials.User}\0{credentials.Password}"), CommandTime, "AUTH");

    private async ValueTask<int> LoginAsync(SmtpCredentials credentials)
    {
        var code = await dialog.AskAsync("AUTH LOGIN", CommandTime, "AUTH");
        if (code == 334)
        {
            code = await dialog.AskAsync(Base64(credentials.User), CommandTime, "AUTH");
        }

        return code == 334 ? await dialog.AskAsync(Base64(credentials.Password), CommandTime, "AUTH") : code;
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
