using Smtpy.Mail.Server.Data;

namespace Smtpy.Mail.Server.Connections;

/// <summary>
/// Stands before the policy's sink while a message comes in: counts octets, and abandons the sink as soon as the message
/// cannot be accepted any more, while the rest of it is still read.
/// </summary>
internal sealed class MessageIntake(IMessageSink sink, long limit) : IOctetTarget, IAsyncDisposable
{
    private IMessageSink? _sink = sink;
    private long _size;

    public bool IsTooLarge { get; private set; }

    /// <summary>What the sink threw.</summary>
    public Exception? Fault { get; private set; }

    public void Write(ReadOnlySpan<byte> octets)
    {
        if (octets.IsEmpty || _sink is null || Fault is not null || IsTooLarge)
        {
            return;
        }

        _size += octets.Length;
        if (_size > limit)
        {
            IsTooLarge = true;
            return;
        }

        try
        {
            _sink.Write(octets);
        }
        catch (Exception fault)
        {
            // The client's octets must be read on to their end; the fault is answered there, and logged.
            Fault = fault;
        }
    }

    /// <summary>Between two reads: waits until the sink has room, or lets it go.</summary>
    public async ValueTask SettleAsync(CancellationToken cancellationToken)
    {
        if (_sink is null)
        {
            return;
        }

        if (IsTooLarge || Fault is not null)
        {
            await DisposeAsync();
            return;
        }

        try
        {
            await _sink.FlushAsync(cancellationToken);
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
        {
            Fault = fault;
            await DisposeAsync();
        }
    }

    /// <summary>Only where nothing went wrong before.</summary>
    public ValueTask<SmtpReply> CompleteAsync(CancellationToken cancellationToken) => _sink is null
        ? throw new InvalidOperationException("The message was abandoned")
        : _sink.CompleteAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_sink is not { } abandoned)
        {
            return;
        }

        _sink = null;
        try
        {
            await abandoned.DisposeAsync();
        }
        catch (Exception fault)
        {
            Fault ??= fault;
        }
    }
}
