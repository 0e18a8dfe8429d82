using System.Net;

namespace Smtpy.Mail.Server;

/// <summary>An address cannot be listened on; the message names it and says why.</summary>
public sealed class ListenException(SmtpListener listener, Exception inner)
    : IOException($"Cannot listen for SMTP on {listener.EndPoint}: {inner.Message}", inner)
{
    public ListenerKind Kind => listener.Kind;

    public IPEndPoint EndPoint => listener.EndPoint;
}
