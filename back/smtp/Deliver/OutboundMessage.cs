using Smtpy.Core.Storage;
using Smtpy.Mail.Messages;
using Smtpy.Mail.TlsPolicy;

namespace Smtpy.Smtp.Deliver;

/// <summary>
/// One message on its way out, to recipients at one destination. Its deliveries are leased by this process. What is sent is made of
/// the stored octets by the worker that delivers it, when it comes to it: signing and rewriting cost time that nobody else waits for.
/// </summary>
public sealed class OutboundMessage
{
    private Composition? _composition;

    public required long MessageId { get; init; }

    /// <summary>The stored octets. Disposed by <see cref="Release"/>.</summary>
    public required MessageContent Content { get; init; }

    /// <summary>Makes what goes out of <see cref="Content"/>. Throws <see cref="IOException"/> where that cannot be read.</summary>
    public required Func<MessageContent, CancellationToken, ValueTask<Composition>> Composer { get; init; }

    public required IReadOnlyList<OutboundRecipient> Recipients { get; init; }

    /// <summary>
    /// A message for each recipient, for <see cref="Composition.Apart"/>; it takes what is to be called when nothing reads
    /// <see cref="Content"/> any more. Null for a message that is always one.
    /// </summary>
    public Func<Action?, IEnumerable<OutboundMessage>>? Split { get; init; }

    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>What the sender asks of the way (RFC 8689).</summary>
    public TlsDemand TlsDemand { get; init; }

    /// <summary>It came with SMTPUTF8 (RFC 6531).</summary>
    public bool SmtpUtf8 { get; init; }

    /// <summary>An owner wrote it, and may have asked to be told when it is delivered (RFC 3461).</summary>
    public bool IsReply { get; init; }

    /// <summary>Called once, when nothing reads <see cref="Content"/> any more.</summary>
    public Action? Release { get; init; }

    /// <summary>What goes out; made at the first call, by one caller at a time.</summary>
    /// <exception cref="IOException">The stored octets cannot be read.</exception>
    public ValueTask<Composition> ComposeAsync(CancellationToken cancellationToken) =>
        _composition is { } known ? ValueTask.FromResult(known) : ComposeFirstAsync(cancellationToken);

    /// <summary>It goes nowhere any more, or not from here.</summary>
    public void End()
    {
        _composition?.Dispose();
        Release?.Invoke();
    }

    private async ValueTask<Composition> ComposeFirstAsync(CancellationToken cancellationToken) =>
        _composition ??= await Composer(Content, cancellationToken);
}

/// <param name="Attempts">Attempts that already ended.</param>
public sealed record OutboundRecipient(DeliveryKey Key, string Address, int Attempts);
