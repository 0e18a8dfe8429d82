using Microsoft.AspNetCore.Http.Metadata;

namespace Smtpy.Api.Http;

/// <summary>An endpoint's own limit of its body, in octets.</summary>
internal sealed class BodyLimit(long octets) : IRequestSizeLimitMetadata
{
    public long? MaxRequestBodySize => octets;
}
