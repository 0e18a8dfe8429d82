namespace Smtpy.Mail.Server.Connections;

/// <summary>Why a session's read may be woken.</summary>
internal sealed class SessionInterrupts(ServerContext server)
{
    private volatile bool _timedOut;

    public void TimedOut() => _timedOut = true;

    /// <summary>Whether the connection is to be ended now. A stopping server lets a transaction finish in the drain time.</summary>
    public ConnectionEnd Check(bool inTransaction) =>
        _timedOut ? ConnectionEnd.Timeout
        : server.ForcedStop.IsCancellationRequested || (server.IsStopping && !inTransaction) ? ConnectionEnd.Stopping
        : ConnectionEnd.None;
}
