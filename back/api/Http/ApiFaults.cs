using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Smtpy.Core.Storage;

namespace Smtpy.Api.Http;

/// <summary>Around everything under /api: whatever goes wrong, the answer is JSON and says nothing of our insides.</summary>
internal sealed partial class ApiFaults(RequestDelegate next, ILogger<ApiFaults> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (BadHttpRequestException wrong) when (!context.Response.HasStarted)
        {
            await WriteAsync(context, wrong);
            return;
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to be answered.
            return;
        }
        catch (Exception failure) when (!context.Response.HasStarted)
        {
            await AnswerAsync(context, failure);
            return;
        }

        if (context.Response is { StatusCode: >= 400, HasStarted: false, ContentLength: null or 0, ContentType: null })
        {
            await ApiErrors.WriteAsync(context, context.Response.StatusCode, Words(context.Response.StatusCode));
        }
    }

    private static Task WriteAsync(HttpContext context, BadHttpRequestException wrong)
    {
        if (wrong.InnerException is JsonException json)
        {
            // JSON as far as it was read, only not of the right type; what follows is not looked at.
            return json.InnerException is not JsonException && FieldOf(json.Path) is { } field
                ? ApiErrors.WriteAsync(context, StatusCodes.Status422UnprocessableEntity, $"The {field.Replace('_', ' ')} has the wrong type.", field)
                : ApiErrors.WriteAsync(context, StatusCodes.Status400BadRequest, "The body is not the JSON object that is expected.");
        }

        return ApiErrors.WriteAsync(context, wrong.StatusCode, Words(wrong.StatusCode));
    }

    private Task AnswerAsync(HttpContext context, Exception failure)
    {
        if (DatabaseTrouble.IsCauseOf(failure))
        {
            LogStorage(failure, context.Request.Method, context.Request.Path);
            context.Response.Headers.RetryAfter = "5";
            return ApiErrors.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "The database is not available; try again in a moment.");
        }

        LogFault(failure, context.Request.Method, context.Request.Path);
        return ApiErrors.WriteAsync(context, StatusCodes.Status500InternalServerError, "Server error.");
    }

    private static string? FieldOf(string? path)
    {
        var name = path is ['$', '.', .. var rest] ? rest.Split('[', '.')[0] : "";
        return name.Length > 0 && name.All(static c => char.IsAsciiLetter(c) || c == '_') ? name : null;
    }

    private static string Words(int status) => status switch
    {
        StatusCodes.Status400BadRequest => "The request is not understood.",
        StatusCodes.Status401Unauthorized => "Unauthenticated.",
        StatusCodes.Status403Forbidden => "Forbidden.",
        StatusCodes.Status404NotFound => "Not found.",
        StatusCodes.Status405MethodNotAllowed => "The method is not allowed here.",
        StatusCodes.Status413PayloadTooLarge => "The body is too large.",
        StatusCodes.Status415UnsupportedMediaType => "The body must be application/json.",
        _ => "The request failed.",
    };

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed")]
    private partial void LogFault(Exception failure, string method, PathString path);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Method} {Path}: the database failed")]
    private partial void LogStorage(Exception failure, string method, PathString path);
}
