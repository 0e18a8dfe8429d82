using Smtpy.Mail.Messages;

namespace Smtpy.Smtp.Rewrite;

/// <summary>A message's octets from some place on.</summary>
/// <param name="part">The part that holds the place.</param>
/// <param name="offset">Where in that part.</param>
/// <param name="skipped">Octets before it, in all.</param>
internal sealed class ContentBelow(MessageContent content, int part, int offset, long skipped) : MessageContent
{
    private readonly int _first = part;

    public override long Length => content.Length - skipped;

    public override int PartCount => content.PartCount - _first;

    public override async ValueTask<ReadOnlyMemory<byte>> ReadPartAsync(int part, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(part);
        var octets = await content.ReadPartAsync(_first + part, cancellationToken);
        return part == 0 ? octets[offset..] : octets;
    }
}
