using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Smtpy.Api.Aliases;

namespace Smtpy.Api.Description;

/// <summary>The query of the alias list; read by hand, so said by hand.</summary>
internal static class AliasListParameters
{
    public static Task DescribeAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        operation.Parameters =
        [
            QueryParameter.Choice("filter[deleted]", "Whether deleted aliases are listed; default without.", "with", "without", "only"),
            QueryParameter.Choice("filter[active]", "Only those that are on, or off.", "true", "false"),
            QueryParameter.Choice("filter[pinned]", "Only those that are pinned, or not.", "true", "false"),
            QueryParameter.Text(
                "filter[search]", $"Part of the address or description, {AliasListQuery.ShortestSearch} to {AliasListQuery.LongestSearch} characters."),
            QueryParameter.Text("sort", "local_part, domain, email, active, created_at, updated_at or deleted_at; \"-\" before it turns the order. Default -created_at."),
            QueryParameter.Number("page[number]", "1, 2, …", int.MaxValue),
            QueryParameter.Number("page[size]", "Aliases on a page; default 100.", AliasListQuery.MostOnPage),
            QueryParameter.Text("recipient", "Id: only those that forward to it."),
            QueryParameter.Text("domain", "Id: only those on it."),
        ];
        return Task.CompletedTask;
    }
}

internal static class RecipientListParameters
{
    public static Task DescribeAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        operation.Parameters =
        [
            QueryParameter.Choice("filter[verified]", "Only verified ones, or others.", "true", "false"),
            QueryParameter.Choice("filter[alias_count]", "Whether aliases are counted; default true.", "true", "false"),
        ];
        return Task.CompletedTask;
    }
}

internal static class QueryParameter
{
    public static IOpenApiParameter Text(string name, string description) =>
        Make(name, description, new OpenApiSchema { Type = JsonSchemaType.String });

    public static IOpenApiParameter Number(string name, string description, int most) => Make(
        name, description,
        new OpenApiSchema { Type = JsonSchemaType.Integer, Minimum = "1", Maximum = most.ToString(System.Globalization.CultureInfo.InvariantCulture) });

    public static IOpenApiParameter Choice(string name, string description, params string[] choices) => Make(
        name, description, new OpenApiSchema { Type = JsonSchemaType.String, Enum = [.. choices.Select(static c => (System.Text.Json.Nodes.JsonNode)c)] });

    private static OpenApiParameter Make(string name, string description, OpenApiSchema schema) =>
        new() { Name = name, In = ParameterLocation.Query, Description = description, Schema = schema };
}
