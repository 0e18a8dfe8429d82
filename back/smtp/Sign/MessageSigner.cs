using Smtpy.Core.Domains;
using Smtpy.Mail.Arc;
using Smtpy.Mail.Dkim;
using Smtpy.Mail.Headers;
using Smtpy.Smtp.Judge;
using Smtpy.Smtp.Rewrite;

namespace Smtpy.Smtp.Sign;

/// <summary>
/// The last stage before delivery: DKIM signatures of the domain in whose name the message leaves (RFC 6376, RFC 8463), and over
/// them an ARC set with what was found out when the message came (RFC 8617). The body is hashed once for all.
/// </summary>
/// <param name="keys">Null where there is nothing to sign with.</param>
internal sealed class MessageSigner(IDkimKeys? keys, RewriteOptions options, TimeProvider time)
{
    private readonly DkimSigner _dkim = new(new DkimSignerOptions(), time);
    private readonly ArcSealer _arc = new(time);

    /// <summary>
    /// The key that seals: the instance's, since receivers trust forwarders by the name that seals, and one name gathers more of it
    /// than each domain for itself. Null where no set is to be added: switched off, nothing was judged, or nobody has a key.
    /// </summary>
    /// <param name="aliasDomain">Whose key is taken where the host name has none.</param>
    /// <exception cref="Core.Storage.StorageException">The database cannot be read.</exception>
    public async ValueTask<SigningKey?> FindSealKeyAsync(string aliasDomain, Judgement judgement, CancellationToken cancellationToken)
    {
        if (!options.SealsArc || judgement.Results.Length == 0)
        {
            return null;
        }

        return Rsa(await FindAsync(options.Hostname, cancellationToken)) ?? Rsa(await FindAsync(aliasDomain, cancellationToken));
    }

    /// <param name="domain">Of From, or whose reputation is to answer for the message. The host name's keys sign where it has none.</param>
    /// <param name="sealKey">Null: no ARC set.</param>
    /// <param name="judgement">What the set says.</param>
    /// <returns>Whole fields to be put on top of the header; empty where there is no key, or nothing to be made with it.</returns>
    /// <exception cref="IOException">The body cannot be read.</exception>
    /// <exception cref="Core.Storage.StorageException">The database cannot be read.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> SignAsync(
        Draft draft, string domain, SigningKey? sealKey, Judgement judgement, CancellationToken cancellationToken)
    {
        var signing = await FindSigningKeysAsync(domain, cancellationToken);
        if (signing.Count == 0 && sealKey is null)
        {
            return default;
        }

        using var body = new BodyHasher(BodyHashKind.Signing);
        await draft.HashBodyAsync(body, cancellationToken);
        var header = new HeaderIndex(draft.Header);
        var signatures = new ReadOnlyMemory<byte>[signing.Count];
        for (var i = 0; i < signatures.Length; i++)
        {
            signatures[i] = _dkim.Sign(signing[i], header, body);
        }

        var signed = Draft.Concat(signatures);
        return sealKey is null ? signed : Seal(draft, signed, sealKey, judgement, body);
    }

    private async ValueTask<IReadOnlyList<SigningKey>> FindSigningKeysAsync(string domain, CancellationToken cancellationToken)
    {
        if (!options.SignsDkim)
        {
            return [];
        }

        var own = await FindAsync(domain, cancellationToken);
        return own.Count > 0 ? own : await FindAsync(options.Hostname, cancellationToken);
    }

    private ReadOnlyMemory<byte> Seal(Draft draft, ReadOnlyMemory<byte> signed, SigningKey key, Judgement judgement, BodyHasher body)
    {
        var header = new HeaderIndex(signed, draft.Header);
        if (judgement.Arc is null && header.Last("ARC-Seal"u8) >= 0)
        {
            // A chain that nobody has validated cannot be vouched for, and must not be called broken either.
            return signed;
        }

        var incoming = judgement.Arc?.Result switch
        {
            "pass" => ArcStatus.Pass,
            "fail" => ArcStatus.Fail,
            _ => ArcStatus.None,
        };
        return _arc.Seal(key, options.Hostname, judgement.ReadResults(), header, body, incoming) is { } set ? Draft.Concat(set, signed) : signed;
    }

    private ValueTask<IReadOnlyList<SigningKey>> FindAsync(string domain, CancellationToken cancellationToken) =>
        keys is null ? ValueTask.FromResult<IReadOnlyList<SigningKey>>([]) : keys.FindAsync(domain, cancellationToken);

    private static SigningKey? Rsa(IReadOnlyList<SigningKey> keys)
    {
        foreach (var key in keys)
        {
            if (key.Key.Algorithm == SignatureAlgorithm.RsaSha256)
            {
                return key;
            }
        }

        return null;
    }
}
