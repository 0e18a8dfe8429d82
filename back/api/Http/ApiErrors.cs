using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Smtpy.Core;

namespace Smtpy.Api.Http;

/// <summary>What went wrong, for a person; with the inputs that are wrong, each with its reasons.</summary>
/// <param name="Message">One line.</param>
/// <param name="Errors">By the input's name; only where inputs are wrong.</param>
public sealed record ApiError(
    string Message, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, string[]>? Errors = null);

/// <summary>One shape for all errors: JSON, no markup, no stack traces.</summary>
internal static class ApiErrors
{
    /// <summary>409 has no place in addy.io's contract: what exists already is a wrong input (422), as is what cannot be done now.</summary>
    public static IResult ToResult(this Problem problem)
    {
        if (problem.Kind == ProblemKind.NotFound)
        {
            return Results.Json(new ApiError(problem.Message), ApiJson.Options, statusCode: StatusCodes.Status404NotFound);
        }

        var errors = problem.Field is { } field ? new Dictionary<string, string[]> { [field] = [problem.Message] } : null;
        return Results.Json(new ApiError(problem.Message, errors), ApiJson.Options, statusCode: StatusCodes.Status422UnprocessableEntity);
    }

    public static Task WriteAsync(HttpContext context, int status, string message, string? field = null)
    {
        context.Response.StatusCode = status;
        context.Response.Headers.CacheControl = "no-store";
        var errors = field is null ? null : new Dictionary<string, string[]> { [field] = [message] };
        return context.Response.WriteAsJsonAsync(
            new ApiError(message, errors), ApiJson.Options, contentType: "application/json", context.RequestAborted);
    }
}

/// <summary>JSON as addy.io writes it.</summary>
internal static class ApiJson
{
    public static JsonSerializerOptions Options { get; } = Configure(new JsonSerializerOptions(JsonSerializerDefaults.Web));

    public static JsonSerializerOptions Configure(JsonSerializerOptions options)
    {
        // The encoder stays the default one: it writes no "<", which clients take for a page in place of an answer.
        options.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        options.DictionaryKeyPolicy = null;
        options.NumberHandling = JsonNumberHandling.Strict;
        return options;
    }
}
