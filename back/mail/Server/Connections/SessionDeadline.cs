namespace Smtpy.Mail.Server.Connections;

internal enum Expiry
{
    None,

    /// <summary>Wake the session: it tells the client and closes.</summary>
    Interrupt,

    /// <summary>Cut the connection: the client does not read, or does not speak SMTP yet.</summary>
    Abort,
}

/// <summary>The one deadline of a session. Set by the session, seen by the heartbeat; a word of memory, no timer.</summary>
internal sealed class SessionDeadline(Heartbeat heartbeat)
{
    private const long Never = long.MaxValue;

    // The moment in milliseconds, doubled; the lowest bit says whether to abort. One word, so that both change at once.
    private long _word = Never;

    public void Set(TimeSpan span, Expiry expiry) => SetAt(heartbeat.In(span), expiry);

    public void SetAt(long moment, Expiry expiry) =>
        Volatile.Write(ref _word, (moment << 1) | (expiry == Expiry.Abort ? 1L : 0L));

    public void Clear() => Volatile.Write(ref _word, Never);

    /// <summary>Whether the deadline has passed. It is then gone: seen once.</summary>
    public Expiry Take(long now)
    {
        var word = Volatile.Read(ref _word);

        // Where the session has set another one meanwhile, that one counts.
        return word == Never || now < word >> 1 || Interlocked.CompareExchange(ref _word, Never, word) != word
            ? Expiry.None
            : (word & 1) == 0 ? Expiry.Interrupt : Expiry.Abort;
    }
}
