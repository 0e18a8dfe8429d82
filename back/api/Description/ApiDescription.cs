using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using Smtpy.Api.Http;

namespace Smtpy.Api.Description;

/// <summary>What the OpenAPI document says of all endpoints: how to authenticate, and the errors that each can answer.</summary>
internal static class ApiDescription
{
    public const string Document = "v1";
    private const string Scheme = "key";

    public static IServiceCollection AddDescription(this IServiceCollection services, Uri publicUrl) => services.AddOpenApi(Document, options =>
    {
        options.ShouldInclude = static api => api.RelativePath?.StartsWith("api/v1/", StringComparison.Ordinal) == true;
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "SMTPy",
                Version = Document,
                Description = "E-mail aliases on your own domains. Where addy.io has the same resource, this API follows addy.io's. "
                    + "Times are \"YYYY-MM-DD HH:MM:SS\", UTC. Errors are JSON with a message; wrong inputs are listed in errors.",
            };
            document.Servers = [new OpenApiServer { Url = publicUrl.GetLeftPart(UriPartial.Path).TrimEnd('/') }];
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
            {
                [Scheme] = new OpenApiSecurityScheme
                {
                    Type = SecuritySchemeType.Http,
                    Scheme = "bearer",
                    Description = "A key from: smtpy apikey create --user EMAIL",
                },
            };
            return Task.CompletedTask;
        });
        options.AddOperationTransformer(DescribeErrorsAsync);
    });

    private static async Task DescribeErrorsAsync(
        OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var error = await context.GetOrCreateSchemaAsync(typeof(ApiError), null, cancellationToken);
        operation.Responses ??= [];
        void Add(string status, string words) => operation.Responses.TryAdd(status, new OpenApiResponse
        {
            Description = words,
            Content = new Dictionary<string, OpenApiMediaType> { ["application/json"] = new() { Schema = error } },
        });
        if (context.Description.ActionDescriptor.EndpointMetadata.OfType<IAuthorizeData>().Any())
        {
            operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Scheme, context.Document)] = [] }];
            Add("401", "No key, or one that is not valid");
            Add("403", "The key's scope does not allow it");
        }

        if (operation.RequestBody is not null)
        {
            Add("400", "The body is not JSON");
            Add("413", "The body is too large");
            Add("415", "The body is not application/json");
        }

        Add("429", "Too many requests; Retry-After says how many seconds to wait");
        Add("503", "The database is not available; Retry-After says how many seconds to wait");
    }
}
