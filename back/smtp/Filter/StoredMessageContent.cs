using System.Net;
using Smtpy.Core.Storage;
using Smtpy.Smtp.Receive;

namespace Smtpy.Smtp.Filter;

/// <summary>
/// A message as it came, without our own trace, as the body of a request. Parts that were stored ahead are read one by one; the octets
/// in memory are copied, because a request that is given up may still read them when their buffer has gone back.
/// </summary>
internal sealed class StoredMessageContent : HttpContent
{
    private readonly IMessageStore _store;
    private readonly long _id;
    private readonly int _trace;
    private readonly int _parts;
    private readonly long _length;
    private readonly byte[] _last;

    public StoredMessageContent(IncomingMessage message, IMessageStore store)
    {
        (_store, _id, _trace, _parts) = (store, message.Id, message.TraceLength, message.StoredParts);
        _last = message.Start.ToArray();
        _length = message.Size - message.TraceLength;
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _length;
        return true;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        for (var part = 0; part < _parts; part++)
        {
            var octets = await _store.ReadPartAsync(_id, part, cancellationToken)
                ?? throw new StorageException($"Part {part} of message {_id} is gone.");
            await stream.WriteAsync(octets.AsMemory(part == 0 ? _trace : 0), cancellationToken);
        }

        await stream.WriteAsync(_last.AsMemory(_parts == 0 ? _trace : 0), cancellationToken);
    }
}
