using System.Net;

namespace Smtpy.Mail.Server;

/// <summary>An address cannot be listened on; the message names it and says why.</summary>
public sealed class ListenException(IPEndPoint endPoint, Exception inner)
    : IOException($"Cannot listen for SMTP on {endPoint}: {inner.Message}", inner)
{
    public IPEndPoint EndPoint => endPoint;
}
