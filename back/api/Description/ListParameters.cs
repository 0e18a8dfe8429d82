using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Smtpy.Api.Aliases;
using Smtpy.Api.Http;
using Smtpy.Core.Storage;

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
            QueryParameter.Number("page[size]", "Aliases on a page; default 100.", QueryReader.MostOnPage),
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

internal static class MessageListParameters
{
    public static Task DescribeAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        operation.Parameters =
        [
            QueryParameter.Choice("filter[state]", "Only deliveries in this state.", [.. Words.All<DeliveryState>()]),
            QueryParameter.Choice("filter[kind]", "Only deliveries of this kind.", [.. Words.All<DeliveryKind>()]),
            QueryParameter.Text("filter[alias]", "Only mail to or from an alias: its id, or the address that was written to."),
            QueryParameter.Text("filter[since]", "Only messages received then or later: YYYY-MM-DD or YYYY-MM-DD HH:MM:SS, UTC."),
            QueryParameter.Number("page[size]", "Deliveries on a page; default 100.", QueryReader.MostOnPage),
            QueryParameter.Text(CursorResource.Key, "Where the page begins: meta.next_cursor of the page before."),
        ];
        return Task.CompletedTask;
    }
}

internal static class PageParameters
{
    public static Task DescribeAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        operation.Parameters = [.. Both];
        return Task.CompletedTask;
    }

    internal static IEnumerable<IOpenApiParameter> Both =>
    [
        QueryParameter.Number("page[number]", "1, 2, …", int.MaxValue),
        QueryParameter.Number("page[size]", "Items on a page; default 100.", QueryReader.MostOnPage),
    ];
}

internal static class FailedDeliveryParameters
{
    public static Task DescribeAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        operation.Parameters =
        [
            QueryParameter.Choice(
                "filter[email_type]", "outbound: failed; inbound_quarantined: held; inbound: refused. Default: failed and held.", "inbound", "outbound",
                "inbound_quarantined"),
            .. PageParameters.Both,
        ];
        return Task.CompletedTask;
    }
}

internal static class ContactListParameters
{
    public static Task DescribeAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        operation.Parameters =
        [
            QueryParameter.Text("filter[alias]", "Only contacts of an alias: its id or its address."),
            QueryParameter.Choice("filter[blocked]", "Only those that are blocked, or not.", "true", "false"),
            .. PageParameters.Both,
        ];
        return Task.CompletedTask;
    }
}
