using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Smtpy.Api.Http;

namespace Smtpy.Api.Description;

/// <summary>Says in the OpenAPI document what an endpoint answers.</summary>
internal static class AnswerExtensions
{
    private const string Json = "application/json";

    public static RouteHandlerBuilder Answers<T>(this RouteHandlerBuilder endpoint, int status = StatusCodes.Status200OK) =>
        endpoint.Produces<T>(status, Json);

    public static RouteHandlerBuilder Done204(this RouteHandlerBuilder endpoint) => endpoint.Produces(StatusCodes.Status204NoContent);

    public static RouteHandlerBuilder Unknown404(this RouteHandlerBuilder endpoint) => endpoint.Produces<ApiError>(StatusCodes.Status404NotFound, Json);

    public static RouteHandlerBuilder Wrong422(this RouteHandlerBuilder endpoint) =>
        endpoint.Produces<ApiError>(StatusCodes.Status422UnprocessableEntity, Json);
}
