using Smtpy.Mail.Addresses;
using Smtpy.Mail.Arc;
using Smtpy.Mail.Dkim;
using Smtpy.Mail.Headers;

namespace Smtpy.Smtp.Receive;

/// <summary>
/// What judging needs of a message's octets, gathered while they come in: the signatures in the header, and one pass over the body for
/// all the hashes that they claim. Memory is the header's; the body is never held for it.
/// </summary>
public sealed class Inspection : IDisposable
{
    private readonly BodyHasher _body;
    private Author? _author;

    /// <param name="header">The whole header block as it came, without our own trace. Must stay valid.</param>
    public Inspection(ReadOnlyMemory<byte> header, DkimVerifierOptions options)
    {
        Header = header;
        Index = new HeaderIndex(header);
        Signatures = DkimSignatures.Read(Index, options);
        Chain = ArcChain.Read(Index, options);
        _body = new BodyHasher([.. Signatures.BodyHashes, .. Chain.BodyHashes]);
    }

    /// <summary>Header fields with their line ends, without the empty line that ends them.</summary>
    public ReadOnlyMemory<byte> Header { get; }

    public HeaderIndex Index { get; }

    public DkimSignatures Signatures { get; }

    public ArcChain Chain { get; }

    public Author Author => _author ??= Author.Read(Header.Span);

    /// <summary>Finished when the message is whole.</summary>
    public BodyHasher Body => _body;

    /// <param name="octets">The next octets after the empty line that ends the header.</param>
    public void Append(ReadOnlySpan<byte> octets) => _body.Append(octets);

    public void Finish() => _body.Finish();

    public void Dispose() => _body.Dispose();
}
