using Smtpy.Mail.Dkim;
using Smtpy.Mail.Headers;
using Smtpy.Mail.Messages;
using Smtpy.Smtp.Deliver;

namespace Smtpy.Smtp.Rewrite;

/// <summary>A message as it will leave but for the signatures: a header of ours, and a body that is the stored one or a new one.</summary>
internal sealed class Draft
{
    private readonly long _replaced;
    private readonly bool _isAnew;

    private Draft(ReadOnlyMemory<byte> header, MessageContent rest, long replaced, bool isAnew) =>
        (Header, Rest, _replaced, _isAnew) = (header, rest, replaced, isAnew);

    /// <summary>Whole fields, without the empty line.</summary>
    public ReadOnlyMemory<byte> Header { get; }

    /// <summary>From the empty line on.</summary>
    public MessageContent Rest { get; }

    /// <summary>A new header over the stored body.</summary>
    public static Draft Over(StoredMessage stored, ReadOnlyMemory<byte> header) => new(header, stored.Rest(), stored.Header.Length, isAnew: false);

    /// <summary>A message that has nothing of the stored one's octets.</summary>
    public static Draft Anew(StoredMessage stored, ReadOnlyMemory<byte> message)
    {
        var header = new HeaderBlock(message.Span).Length;
        return new Draft(message[..header], new InMemoryContent(message[header..]), stored.Content.Length, isAnew: true);
    }

    /// <summary>Hashes the body part by part, so that its size decides no memory.</summary>
    /// <exception cref="IOException">The octets cannot be read.</exception>
    public async ValueTask HashBodyAsync(BodyHasher body, CancellationToken cancellationToken)
    {
        var (isBody, hasCr) = (false, false);
        for (var part = 0; part < Rest.PartCount; part++)
        {
            var octets = await Rest.ReadPartAsync(part, cancellationToken);
            if (!isBody)
            {
                octets = octets[SkipLineEnd(octets.Span, ref hasCr, out isBody)..];
            }

            body.Append(octets.Span);
        }

        body.Finish();
    }

    /// <param name="returnPath">Empty for the null reverse path.</param>
    /// <param name="signatures">Whole fields that go on top.</param>
    public async ValueTask<ComposedMessage> ToMessageAsync(string returnPath, ReadOnlyMemory<byte> signatures, CancellationToken cancellationToken)
    {
        if (!_isAnew)
        {
            return new ComposedMessage(returnPath, Concat(signatures, Header), Rest, _replaced);
        }

        // What stands for all of the stored octets is kept as the head, and nothing follows.
        var rest = await Rest.ReadPartAsync(0, cancellationToken);
        return new ComposedMessage(returnPath, Concat(signatures, Header, rest), new InMemoryContent(default), _replaced);
    }

    public static ReadOnlyMemory<byte> Concat(params ReadOnlySpan<ReadOnlyMemory<byte>> pieces)
    {
        var length = 0;
        foreach (var piece in pieces)
        {
            length += piece.Length;
        }

        var whole = new byte[length];
        var at = 0;
        foreach (var piece in pieces)
        {
            piece.Span.CopyTo(whole.AsSpan(at));
            at += piece.Length;
        }

        return whole;
    }

    /// <summary>The empty line is none of the body's; parts may end in the middle of it.</summary>
    private static int SkipLineEnd(ReadOnlySpan<byte> octets, ref bool hasCr, out bool isBody)
    {
        var length = !hasCr && octets.StartsWith("\r"u8) ? 1 : 0;
        hasCr |= length > 0;
        isBody = length < octets.Length;
        return isBody && octets[length] == (byte)'\n' ? length + 1 : length;
    }
}
