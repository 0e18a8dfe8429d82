using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace Smtpy.Web.Assets;

/// <summary>
/// A file the pages need, carried in the assembly. Its URL holds a hash of its content, so it may be cached for ever, and a
/// new version of the program is a new URL.
/// </summary>
internal sealed class EmbeddedAsset
{
    public static readonly EmbeddedAsset Stylesheet = new("site.css", "text/css; charset=utf-8");
    public static readonly EmbeddedAsset Icon = new("icon.svg", "image/svg+xml");

    private readonly byte[] _content;
    private readonly string _contentType;
    private readonly EntityTagHeaderValue _tag;

    private EmbeddedAsset(string name, string contentType)
    {
        using var stream = typeof(EmbeddedAsset).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The assembly lacks its asset {name}.");
        _content = new byte[stream.Length];
        stream.ReadExactly(_content);
        _contentType = contentType;
        var hash = Convert.ToHexStringLower(SHA256.HashData(_content).AsSpan(0, 8));
        _tag = new EntityTagHeaderValue($"\"{hash}\"");
        Url = $"/assets/{Path.GetFileNameWithoutExtension(name)}.{hash}{Path.GetExtension(name)}";
    }

    public string Url { get; }

    public static void MapAll(IEndpointRouteBuilder routes)
    {
        foreach (var asset in (EmbeddedAsset[])[Stylesheet, Icon])
        {
            routes.MapMethods(asset.Url, [HttpMethods.Get, HttpMethods.Head], asset.Answer);
        }
    }

    private IResult Answer(HttpContext context)
    {
        context.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        return Results.Bytes(_content, _contentType, entityTag: _tag);
    }
}
