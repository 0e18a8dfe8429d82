using Smtpy.Mail.Headers;
using Smtpy.Mail.Messages;

namespace Smtpy.Smtp.Rewrite;

/// <summary>A stored message with its header read: the fields in memory, the rest where it is.</summary>
internal sealed class StoredMessage
{
    /// <summary>Octets of a header that is rewritten; twice what receiving takes, and what bounds the memory here.</summary>
    private const int MaxHeaderOctets = 2 * 1024 * 1024;

    private readonly ReadOnlyMemory<byte> _beginning;
    private readonly (int Part, int Offset) _rest;

    private StoredMessage(MessageContent content, ReadOnlyMemory<byte> beginning, int headerLength, (int Part, int Offset) rest) =>
        (Content, _beginning, Header, _rest) = (content, beginning, beginning[..headerLength], rest);

    public MessageContent Content { get; }

    /// <summary>The fields, our own Received on top, without the empty line.</summary>
    public ReadOnlyMemory<byte> Header { get; }

    /// <returns>Null where the header is too long to be rewritten.</returns>
    /// <exception cref="IOException">The octets cannot be read.</exception>
    public static async ValueTask<StoredMessage?> ReadAsync(MessageContent content, CancellationToken cancellationToken)
    {
        var beginning = await content.ReadPartAsync(0, cancellationToken);
        var length = new HeaderBlock(beginning.Span).Length;
        if (content.PartCount == 1)
        {
            return new StoredMessage(content, beginning, length, (0, length));
        }

        // Receiving keeps a header within the first part; messages of an older version may have it in several.
        List<int> starts = [0];
        beginning = beginning.ToArray();
        while (length == beginning.Length && starts.Count < content.PartCount)
        {
            if (length > MaxHeaderOctets)
            {
                return null;
            }

            starts.Add(beginning.Length);
            beginning = Draft.Concat(beginning, await content.ReadPartAsync(starts.Count - 1, cancellationToken));
            length = new HeaderBlock(beginning.Span).Length;
        }

        var part = starts.FindLastIndex(start => start <= length);
        return new StoredMessage(content, beginning, length, (part, length - starts[part]));
    }

    /// <summary>All octets in one piece; the caller has looked at the length.</summary>
    /// <exception cref="IOException">The octets cannot be read.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> ReadWholeAsync(CancellationToken cancellationToken)
    {
        if (Content.PartCount == 1)
        {
            return _beginning;
        }

        var whole = new byte[Content.Length];
        var at = 0;
        for (var part = 0; part < Content.PartCount; part++)
        {
            var octets = await Content.ReadPartAsync(part, cancellationToken);
            octets.CopyTo(whole.AsMemory(at));
            at += octets.Length;
        }

        return whole.AsMemory(0, at);
    }

    /// <summary>From the empty line on.</summary>
    public MessageContent Rest() => Content.PartCount == 1
        ? new InMemoryContent(_beginning[Header.Length..])
        : new ContentBelow(Content, _rest.Part, _rest.Offset, Header.Length);
}
