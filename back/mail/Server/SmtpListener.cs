using System.Net;

namespace Smtpy.Mail.Server;

/// <summary>What a listener is for; a policy tells by it what may be asked of a client.</summary>
public enum ListenerKind
{
    /// <summary>Mail from other servers, RFC 5321; nobody signs in.</summary>
    Mx,

    /// <summary>Mail from people's own programs, RFC 6409: STARTTLS, then AUTH, then mail. Port 587.</summary>
    Submission,

    /// <summary>The same with TLS from the first octet (RFC 8314 section 3.3). Port 465.</summary>
    SubmissionTls,
}

/// <summary>One address that a server listens on.</summary>
public sealed record SmtpListener(ListenerKind Kind, IPEndPoint EndPoint);
