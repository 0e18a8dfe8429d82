using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Smtpy.Api.Description;
using Smtpy.Api.Http;
using Smtpy.Api.Keys;
using Smtpy.Core;
using Smtpy.Core.Messages;
using Smtpy.Core.Storage;

namespace Smtpy.Api.Messages;

/// <summary>/api/v1/messages: what became of the account's mail. Not in addy.io's API.</summary>
internal static class MessageEndpoints
{
    public static void Map(IEndpointRouteBuilder api)
    {
        var messages = api.MapGroup("/messages").WithTags("Messages");
        messages.MapGet("", ListAsync).WithSummary("List deliveries, newest message first").Answers<CursorPaged<DeliveryResource>>().Wrong422()
            .AddOpenApiOperationTransformer(MessageListParameters.DescribeAsync);
        messages.MapGet("/{id:long}", ShowAsync).WithSummary("Tell a message's story: where it came from, where it went, every attempt and reply")
            .Answers<Enveloped<MessageResource>>().Unknown404();
        messages.MapGet("/{id:long}/source", SourceAsync).WithSummary("Download a message as it came in, while it is kept")
            .Produces(StatusCodes.Status200OK, contentType: SourceDownload.ContentType).Unknown404().Wrong422();
        messages.MapPost("/{id:long}/release", ReleaseAsync).WithSummary("Send a held message on").Answers<ChangedAnswer>().Unknown404().Wrong422();
        messages.MapPost("/{id:long}/retry", RetryAsync).WithSummary("Try again now what failed, is held or waits").Answers<ChangedAnswer>()
            .Unknown404().Wrong422();
        messages.MapDelete("/{id:long}", DropAsync).WithSummary("Give a waiting, held or failed message up").Done204().Unknown404().Wrong422();
        var lists = api.MapGroup("").WithTags("Messages");
        lists.MapGet("/refusals", RefusalsAsync).WithSummary("List mail that was refused, newest first").Answers<Paged<RefusalResource>>().Wrong422()
            .AddOpenApiOperationTransformer(PageParameters.DescribeAsync);
        lists.MapGet("/bounces", BouncesAsync).WithSummary("List what came back, newest first").Answers<Paged<BounceResource>>().Wrong422()
            .AddOpenApiOperationTransformer(PageParameters.DescribeAsync);
    }

    private static async Task<IResult> ListAsync(
        HttpRequest request, ClaimsPrincipal user, ListMessages list, ApiOptions options, CancellationToken cancellationToken)
    {
        var read = new QueryReader(request.Query);
        var alias = read.Word("filter[alias]");
        Guid? aliasId = Guid.TryParse(alias, out var id) ? id : null;
        var query = new MessageQuery(
            read.Choice<DeliveryState>("filter[state]"), read.Choice<DeliveryKind>("filter[kind]"), aliasId, aliasId is null ? alias : null,
            read.Moment("filter[since]"), Cursor(read), read.PageSize);
        if (read.Problem is { } wrong)
        {
            return wrong.ToResult();
        }

        var page = await list.RunAsync(user.AccountId(), query, cancellationToken);
        return Results.Ok(CursorResource.Make<DeliveryResource>(
            request, options.PublicUrl, [.. page.Items.Select(DeliveryResource.Of)], query.PageSize,
            page.Next is { } next ? string.Create(CultureInfo.InvariantCulture, $"{next.MessageId}.{next.Ordinal}") : null));
    }

    private static DeliveryKey? Cursor(QueryReader read)
    {
        if (read.Text(CursorResource.Key) is not { } text)
        {
            return null;
        }

        var dot = text.IndexOf('.', StringComparison.Ordinal);
        if (dot > 0 && long.TryParse(text.AsSpan(0, dot), NumberStyles.None, CultureInfo.InvariantCulture, out var message)
            && int.TryParse(text.AsSpan(dot + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var ordinal))
        {
            return new DeliveryKey(message, ordinal);
        }

        read.Wrong(CursorResource.Key, "The cursor must be one from links.next.");
        return null;
    }

    private static async Task<IResult> ShowAsync(long id, ClaimsPrincipal user, ShowMessage show, CancellationToken cancellationToken)
    {
        var found = await show.RunAsync(id, user.AccountId(), cancellationToken);
        return found.Succeeded ? Results.Ok(new Enveloped<MessageResource>(MessageResource.Of(found.Value))) : found.Problem.ToResult();
    }

    private static async Task<IResult> SourceAsync(long id, ClaimsPrincipal user, OpenMessage open, CancellationToken cancellationToken)
    {
        var found = await open.RunAsync(id, user.AccountId(), cancellationToken);
        return found.Succeeded ? new SourceDownload(id, found.Value) : found.Problem.ToResult();
    }

    private static async Task<IResult> ReleaseAsync(long id, ClaimsPrincipal user, RetryDelivery retry, CancellationToken cancellationToken) =>
        Changed(await retry.RunAsync(id, null, user.AccountId(), [DeliveryState.Held], cancellationToken));

    private static async Task<IResult> RetryAsync(long id, ClaimsPrincipal user, RetryDelivery retry, CancellationToken cancellationToken) =>
        Changed(await retry.RunAsync(id, null, user.AccountId(), null, cancellationToken));

    private static async Task<IResult> DropAsync(long id, ClaimsPrincipal user, DropDelivery drop, CancellationToken cancellationToken)
    {
        var dropped = await drop.RunAsync(id, null, user.AccountId(), cancellationToken);
        return dropped.Succeeded ? Results.NoContent() : dropped.Problem.ToResult();
    }

    private static async Task<IResult> RefusalsAsync(
        HttpRequest request, ClaimsPrincipal user, ListRefusals list, ApiOptions options, CancellationToken cancellationToken)
    {
        var read = new QueryReader(request.Query);
        var (page, size) = (read.Page, read.PageSize);
        return read.Problem is { } wrong
            ? wrong.ToResult()
            : Results.Ok(PageResource.Make(
                request, options.PublicUrl, await list.RunAsync(user.AccountId(), page, size, cancellationToken), RefusalResource.Of));
    }

    private static async Task<IResult> BouncesAsync(
        HttpRequest request, ClaimsPrincipal user, ListBounces list, ApiOptions options, CancellationToken cancellationToken)
    {
        var read = new QueryReader(request.Query);
        var (page, size) = (read.Page, read.PageSize);
        return read.Problem is { } wrong
            ? wrong.ToResult()
            : Results.Ok(PageResource.Make(
                request, options.PublicUrl, await list.RunAsync(user.AccountId(), page, size, cancellationToken), BounceResource.Of));
    }

    private static IResult Changed(Outcome<int> outcome) =>
        outcome.Succeeded ? Results.Ok(new ChangedAnswer(outcome.Value)) : outcome.Problem.ToResult();
}

/// <param name="Deliveries">How many are due now.</param>
public sealed record ChangedAnswer(int Deliveries);
