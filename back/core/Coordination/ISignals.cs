namespace Smtpy.Core.Coordination;

/// <summary>
/// Short messages to all processes of an instance, so that they see at once what they would otherwise find by looking. They may
/// get lost: nothing may depend on one.
/// </summary>
public interface ISignals
{
    /// <summary>Has every signal told, this process's own too, until the end. The listener must not block and may be called at any time.</summary>
    void Listen(Action<Signal> listener);

    /// <summary>Sends to all processes, this one too. Returns when it was sent, or could not be.</summary>
    ValueTask SendAsync(Signal signal, CancellationToken cancellationToken);
}

/// <param name="Subject">What it is about, by kind: a key's id, or empty.</param>
public readonly record struct Signal(SignalKind Kind, string Subject = "");

public enum SignalKind
{
    /// <summary>Something that decides where mail goes was changed.</summary>
    RoutingChanged,

    /// <summary>An API key was revoked; the subject is its id.</summary>
    KeyRevoked,

    /// <summary>Signals may have been missed: everything cached is to be looked at again.</summary>
    Resumed,
}
