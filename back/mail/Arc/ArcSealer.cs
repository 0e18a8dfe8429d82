using System.Globalization;
using Smtpy.Mail.AuthenticationResults;
using Smtpy.Mail.Dkim;
using Smtpy.Mail.Headers;

namespace Smtpy.Mail.Arc;

/// <summary>Adds ARC sets (RFC 8617 section 5.1). Thread-safe.</summary>
public sealed class ArcSealer(SignedFields fields, TimeProvider time)
{
    public ArcSealer(TimeProvider time)
        : this(SignedFields.Arc, time)
    {
    }

    /// <param name="key">An RSA key: receivers do not read others in ARC.</param>
    /// <param name="authservId">Ours, with <paramref name="results"/> what we said of the message when it came.</param>
    /// <param name="header">The fields exactly as they will be sent, those of our DKIM signatures included.</param>
    /// <param name="body">Finished, and asked for <see cref="BodyHashKind.Signing"/>.</param>
    /// <param name="incoming">What the chain was when the message came, before it was changed.</param>
    /// <returns>
    /// Seal, message signature and results with their line ends, to be put on top of the header; null where no set may be added: the chain
    /// has failed before us, or is full.
    /// </returns>
    public byte[]? Seal(
        SigningKey key, string authservId, IReadOnlyList<AuthenticationResult> results, HeaderIndex header, BodyHasher body, ArcStatus incoming)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(header);
        if (key.Key.Algorithm != SignatureAlgorithm.RsaSha256)
        {
            throw new ArgumentException("ARC is sealed with RSA keys only.", nameof(key));
        }

        var chain = ArcChain.Read(header, new DkimVerifierOptions());
        if (chain.Highest >= ArcChain.MaxSets || chain.IsClosed)
        {
            return null;
        }

        var status = Judge(chain, incoming);
        var instance = (chain.Highest + 1).ToString(CultureInfo.InvariantCulture);
        var now = time.GetUtcNow();
        var ownResults = AuthenticationResultsWriter.Write(
            new FieldFolder("ARC-Authentication-Results").Word($"i={instance};"), authservId, results);
        var message = SignMessage(key, instance, header, body, now);

        var scope = new HeaderHash(Canonicalization.Relaxed);
        if (status == ArcStatus.Pass)
        {
            AddSets(scope, chain);
        }

        // With cv=fail, as if ours were the only set: the others may not even be in order (RFC 8617 section 5.1.2).
        scope.Add(ownResults);
        scope.Add(message);
        var seal = new FieldFolder("ARC-Seal").Word($"i={instance};").Word("a=rsa-sha256;")
            .Word($"t={now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)};").Word($"cv={status.Word()};")
            .Word($"d={key.Domain};").Word($"s={key.Selector};");
        return [.. SignatureWriter.Finish(seal, key, scope), .. message, .. ownResults];
    }

    private static ArcStatus Judge(ArcChain chain, ArcStatus incoming)
    {
        if (chain.Fault is not null || incoming == ArcStatus.Fail)
        {
            return ArcStatus.Fail;
        }

        // Sets that came without having been validated, or went away since: neither can be vouched for.
        var isConsistent = (chain.Highest == 0) == (incoming == ArcStatus.None);
        return isConsistent ? incoming : ArcStatus.Fail;
    }

    private static void AddSets(HeaderHash scope, ArcChain chain)
    {
        foreach (var set in chain.Sets)
        {
            scope.Add(set.Results!.Value.Span);
            scope.Add(set.Message!.Raw.Span);
            scope.Add(set.Seal!.Raw.Span);
        }
    }

    private byte[] SignMessage(SigningKey key, string instance, HeaderIndex header, BodyHasher body, DateTimeOffset now)
    {
        var names = fields.Choose(header);
        var field = new FieldFolder("ARC-Message-Signature").Word($"i={instance};");
        SignatureWriter.WriteMessageTags(field, key, names, body, now);
        var hash = new HeaderHash(Canonicalization.Relaxed);
        hash.AddSelected(header, names, own: -1);
        return SignatureWriter.Finish(field, key, hash);
    }
}
