using System.Globalization;
using Smtpy.Mail.Headers;

namespace Smtpy.Mail.Dkim;

public sealed record DkimSignerOptions
{
    public SignedFields Fields { get; init; } = SignedFields.Default;

    /// <summary>x= so long after t=; no x= when null. Null: mail is read, forwarded and judged again years later.</summary>
    public TimeSpan? Validity { get; init; }
}

/// <summary>Signs mail (RFC 6376 section 5), relaxed for header and body. Thread-safe.</summary>
public sealed class DkimSigner(DkimSignerOptions options, TimeProvider time)
{
    /// <summary>
    /// One signature. For several, call it with each key: they do not cover each other, so their order means nothing.
    /// </summary>
    /// <param name="header">The fields exactly as they will be sent.</param>
    /// <param name="body">Finished, and asked for <see cref="BodyHashKind.Signing"/>.</param>
    /// <returns>A folded DKIM-Signature field with its line end, to be put on top of the header.</returns>
    public byte[] Sign(SigningKey key, HeaderIndex header, BodyHasher body)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(header);
        var now = time.GetUtcNow();
        var field = new FieldFolder("DKIM-Signature").Word("v=1;");
        var names = options.Fields.Choose(header);
        SignatureWriter.WriteMessageTags(field, key, names, body, now);
        if (options.Validity is { } validity)
        {
            field.Word($"x={(now + validity).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)};");
        }

        var hash = new HeaderHash(Canonicalization.Relaxed);
        hash.AddSelected(header, names, own: -1);
        return SignatureWriter.Finish(field, key, hash);
    }
}
