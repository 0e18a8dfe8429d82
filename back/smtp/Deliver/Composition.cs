using System.Diagnostics.CodeAnalysis;
using Smtpy.Core.Storage;
using Smtpy.Mail.Client;
using Smtpy.Mail.Messages;

namespace Smtpy.Smtp.Deliver;

/// <summary>What goes out, or why nothing does. Disposed when it is sent or given up: it may hold room that others wait for.</summary>
public sealed class Composition : IDisposable
{
    private readonly IDisposable? _room;

    private Composition(ComposedMessage? message, DeliveryState state, PeerReply reason, IDisposable? room = null) =>
        (Message, State, Reason, _room) = (message, state, reason, room);

    /// <summary>Null where nothing goes out: then <see cref="State"/> and <see cref="Reason"/> say what becomes of the deliveries.</summary>
    public ComposedMessage? Message { get; }

    /// <summary>One message cannot serve all these recipients; each is to be asked for alone.</summary>
    public static Composition Apart { get; } = new(null, DeliveryState.Queued, default);

    /// <summary>Held, Failed, or Queued for another try later.</summary>
    public DeliveryState State { get; }

    public PeerReply Reason { get; }

    [MemberNotNullWhen(true, nameof(Message))]
    public bool Succeeded => Message is not null;

    /// <param name="room">Given back when the composition is disposed.</param>
    public static Composition Of(ComposedMessage message, IDisposable? room = null) => new(message, DeliveryState.Queued, default, room);

    /// <summary>Waits for a person; the octets stay.</summary>
    /// <param name="reason">One line for the owner.</param>
    public static Composition Held(string reason) => new(null, DeliveryState.Held, new PeerReply(450, "4.7.0", reason));

    public static Composition Failed(PeerReply reason) => new(null, DeliveryState.Failed, reason);

    public static Composition Later(PeerReply reason) => new(null, DeliveryState.Queued, reason);

    public void Dispose() => _room?.Dispose();
}

/// <summary>A message as it is sent: a head of our own, then octets that are sent as they are.</summary>
/// <param name="ReturnPath">Envelope sender, ours; empty for the null reverse path.</param>
/// <param name="Head">Whole lines, each with its CRLF.</param>
/// <param name="Content">What follows the head: the stored octets but for the first <paramref name="ReplacedOctets"/>.</param>
/// <param name="ReplacedOctets">How many of the stored octets the head stands for.</param>
public sealed record ComposedMessage(string ReturnPath, ReadOnlyMemory<byte> Head, MessageContent Content, long ReplacedOctets = 0);
