using MimeKit;

namespace Smtpy.Web.Mime;

/// <summary>The images a message carries for its own HTML to show (RFC 2392), as data URLs.</summary>
public sealed class InlineImages
{
    public static readonly InlineImages None = new([]);

    /// <summary>A page referring to one image ten thousand times must not grow ten thousand images large.</summary>
    private const int Budget = 4 * 1024 * 1024;

    private static readonly HashSet<string> Types = ["image/png", "image/jpeg", "image/gif", "image/webp"];

    private readonly Dictionary<string, string> _dataUrls;
    private int _spent;

    private InlineImages(Dictionary<string, string> dataUrls) => _dataUrls = dataUrls;

    public static InlineImages Collect(IEnumerable<MimeEntity> parts, CancellationToken cancellationToken)
    {
        var urls = new Dictionary<string, string>();
        foreach (var part in parts.OfType<MimePart>())
        {
            var type = part.ContentType.MimeType.ToLowerInvariant();
            if (part is { ContentId.Length: > 0, Content: not null } && Types.Contains(type))
            {
                using var decoded = new MemoryStream();
                part.Content.DecodeTo(decoded, cancellationToken);
                urls.TryAdd(part.ContentId, $"data:{type};base64,{Convert.ToBase64String(decoded.GetBuffer(), 0, (int)decoded.Length)}");
            }
        }

        return new InlineImages(urls);
    }

    /// <summary>A URL that loads without a request, or null where <paramref name="source"/> would need one (or is not an image).</summary>
    public string? Resolve(string source)
    {
        source = source.Trim();
        var url = source.StartsWith("cid:", StringComparison.OrdinalIgnoreCase)
            ? _dataUrls.GetValueOrDefault(Uri.UnescapeDataString(source[4..]))
            : IsImageData(source) ? source : null;
        if (url is null || url.Length > Budget - _spent)
        {
            return null;
        }

        _spent += url.Length;
        return url;
    }

    private static bool IsImageData(string source) =>
        source.StartsWith("data:", StringComparison.OrdinalIgnoreCase)
        && source.AsSpan(5) is var rest
        && rest.IndexOfAny(';', ',') is > 0 and var end
        && Types.Contains(rest[..end].ToString().ToLowerInvariant());
}
