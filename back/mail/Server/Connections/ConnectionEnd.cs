namespace Smtpy.Mail.Server.Connections;

/// <summary>Why a connection ended; the "reason" tag of its metric.</summary>
internal enum ConnectionEnd
{
    /// <summary>It has not.</summary>
    None,
    Quit,

    /// <summary>The client closed, or reset, without QUIT.</summary>
    ClientClosed,

    /// <summary>The policy refused the connection, or answered something with a closing reply.</summary>
    Refused,
    TooManyErrors,
    TooManyMessages,
    Timeout,

    /// <summary>A bare CR, bare LF or NUL in a message or a command.</summary>
    BadOctets,

    /// <summary>A BDAT that cannot be skipped.</summary>
    BadChunk,
    Http,
    TlsFailed,
    ProxyHeader,

    /// <summary>The server stops.</summary>
    Stopping,

    /// <summary>An exception that is a defect of ours; it was logged.</summary>
    Fault,
}
