using System.Text;
using Smtpy.Mail.Arc;
using Smtpy.Mail.Dkim;
using Smtpy.Mail.Dns;
using Smtpy.Mail.Headers;
using Smtpy.Smtp.Deliver;

namespace Smtpy.Smtp.Tests.Rewrite;

/// <summary>A message as the next server gets it.</summary>
public sealed class Composed
{
    private readonly byte[] _octets;
    private readonly int _headerLength;

    public Composed(string returnPath, byte[] octets) =>
        (ReturnPath, _octets, _headerLength) = (returnPath, octets, new HeaderBlock(octets).Length);

    public string ReturnPath { get; }

    public string Text => Encoding.UTF8.GetString(_octets);

    public string Header => Encoding.UTF8.GetString(_octets, 0, _headerLength);

    /// <summary>Below the empty line.</summary>
    public string Body => Text[(Header.Length + 2)..];

    /// <summary>Names of the fields from the top, lower case.</summary>
    public IReadOnlyList<string> Names
    {
        get
        {
            var names = new List<string>();
            foreach (var line in new HeaderBlock(_octets))
            {
                names.Add(Encoding.ASCII.GetString(line.Name).ToLowerInvariant());
            }

            return names;
        }
    }

    public static async Task<Composed> OfAsync(ComposedMessage message)
    {
        using var octets = new MemoryStream();
        octets.Write(message.Head.Span);
        for (var part = 0; part < message.Content.PartCount; part++)
        {
            octets.Write((await message.Content.ReadPartAsync(part, CancellationToken.None)).Span);
        }

        return new Composed(message.ReturnPath, octets.ToArray());
    }

    /// <summary>The first field of this name, unfolded; null where there is none.</summary>
    public string? Field(string name) =>
        new HeaderBlock(_octets).TryFind(Encoding.ASCII.GetBytes(name), out var field) ? field.Value() : null;

    /// <summary>Domain, algorithm and verdict of each signature.</summary>
    public async Task<IReadOnlyList<DkimResult>> VerifyAsync(params SigningKey[] keys)
    {
        var signatures = DkimSignatures.Read(new HeaderIndex(_octets.AsMemory(0, _headerLength)), new DkimVerifierOptions());
        using var body = Hash(signatures.BodyHashes);
        return await new DkimVerifier(Directory(keys), TimeProvider.System).VerifyAsync(signatures, body, CancellationToken.None);
    }

    public async Task<ArcResult> ValidateAsync(params SigningKey[] keys)
    {
        var chain = ArcChain.Read(new HeaderIndex(_octets.AsMemory(0, _headerLength)), new DkimVerifierOptions());
        using var body = Hash(chain.BodyHashes);
        return await new ArcVerifier(Directory(keys), TimeProvider.System).VerifyAsync(chain, body, CancellationToken.None);
    }

    private BodyHasher Hash(IEnumerable<BodyHashKind> kinds)
    {
        var hasher = new BodyHasher(kinds);
        hasher.Append(_octets.AsSpan(Math.Min(_octets.Length, _headerLength + 2)));
        hasher.Finish();
        return hasher;
    }

    private static KeyDirectory Directory(SigningKey[] keys) => new(new Records(keys), new DkimVerifierOptions());

    private sealed class Records(SigningKey[] keys) : ITextResolver
    {
        public Task<TextRecords> FindTextsAsync(string name, CancellationToken cancellationToken) => Task.FromResult(
            keys.FirstOrDefault(key => key.RecordName.Equals(name, StringComparison.OrdinalIgnoreCase)) is { } found
                ? new TextRecords(DnsStatus.Found, [found.RecordText], "")
                : new TextRecords(DnsStatus.NotFound, [], "the name does not exist"));
    }
}
