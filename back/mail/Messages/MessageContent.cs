namespace Smtpy.Mail.Messages;

/// <summary>
/// A message's octets as a sequence of parts, each small enough to hold in memory. A message that fits one part is normally
/// still in memory when it is delivered; others are read part by part, so that size never decides memory.
/// </summary>
public abstract class MessageContent
{
    /// <summary>Octets in all parts together.</summary>
    public abstract long Length { get; }

    /// <summary>Number of parts; at least one (an empty message has one empty part).</summary>
    public abstract int PartCount { get; }

    /// <summary>Reads one part. The memory is valid until the next call or until the content is disposed by its owner.</summary>
    /// <exception cref="IOException">The storage cannot be read, or a part is missing.</exception>
    public abstract ValueTask<ReadOnlyMemory<byte>> ReadPartAsync(int part, CancellationToken cancellationToken);
}

/// <summary>A message that is wholly in memory.</summary>
public sealed class InMemoryContent(ReadOnlyMemory<byte> octets) : MessageContent
{
    public override long Length => octets.Length;

    public override int PartCount => 1;

    public override ValueTask<ReadOnlyMemory<byte>> ReadPartAsync(int part, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(part, 0);
        return ValueTask.FromResult(octets);
    }
}
