namespace Smtpy.Mail.Client;

/// <summary>The connection cannot be used any more; the message says why in words fit for a record.</summary>
internal sealed class PeerLostException : Exception
{
    public PeerLostException(string reason, Exception? inner = null)
        : base(reason, inner) => Reply = new PeerReply(451, "4.4.2", reason);

    /// <summary>The peer has said that it closes (421).</summary>
    public PeerLostException(PeerReply reply, Exception? inner = null)
        : base(reply.ToString(), inner) => Reply = reply;

    public PeerReply Reply { get; }
}
