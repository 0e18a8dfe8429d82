using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Smtpy.Api.Description;
using Smtpy.Api.Http;
using Smtpy.Api.Keys;
using Smtpy.Core.Messages;

namespace Smtpy.Api.Messages;

/// <summary>/api/v1/failed-deliveries: addy.io's view of what failed, is held, or was refused.</summary>
internal static class FailedDeliveryEndpoints
{
    public static void Map(IEndpointRouteBuilder api)
    {
        var failed = api.MapGroup("/failed-deliveries").WithTags("Failed deliveries");
        failed.MapGet("", ListAsync).WithSummary("List what failed or is held; with the filter inbound: what was refused")
            .Answers<Paged<FailedDeliveryResource>>().Wrong422().AddOpenApiOperationTransformer(FailedDeliveryParameters.DescribeAsync);
        failed.MapGet("/{id:guid}", FindAsync).WithSummary("Show a failed delivery").Answers<Enveloped<FailedDeliveryResource>>().Unknown404();
        failed.MapDelete("/{id:guid}", DropAsync).WithSummary("Give a failed delivery up").Done204().Unknown404();
        failed.MapGet("/{id:guid}/download", DownloadAsync).WithSummary("Download the message as it came in, while it is kept")
            .Produces(StatusCodes.Status200OK, contentType: SourceDownload.ContentType).Unknown404().Wrong422();
        failed.MapPost("/{id:guid}/resend", ResendAsync).WithSummary("Send it again, or on, to its own recipient").Done204().Unknown404().Wrong422();
    }

    private static async Task<IResult> ListAsync(
        HttpRequest request, ClaimsPrincipal user, ListFailedDeliveries list, ListRefusals refusals, ApiOptions options,
        CancellationToken cancellationToken)
    {
        var read = new QueryReader(request.Query);
        var (page, size) = (read.Page, read.PageSize);
        var type = read.Text("filter[email_type]");
        if (type is not (null or FailedDeliveryResource.Refused or FailedDeliveryResource.Failed or FailedDeliveryResource.Held))
        {
            read.Wrong("filter[email_type]", "It must be one of: inbound, outbound, inbound_quarantined.");
        }

        if (read.Problem is { } wrong)
        {
            return wrong.ToResult();
        }

        if (type == FailedDeliveryResource.Refused)
        {
            return Results.Ok(PageResource.Make(
                request, options.PublicUrl, await refusals.RunAsync(user.AccountId(), page, size, cancellationToken), FailedDeliveryResource.Of));
        }

        bool? held = type is null ? null : type == FailedDeliveryResource.Held;
        return Results.Ok(PageResource.Make(
            request, options.PublicUrl, await list.RunAsync(user.AccountId(), held, page, size, cancellationToken), FailedDeliveryResource.Of));
    }

    private static async Task<IResult> FindAsync(Guid id, ClaimsPrincipal user, ListFailedDeliveries list, CancellationToken cancellationToken)
    {
        var found = await list.FindAsync(user.AccountId(), DeliveryIds.Key(id), cancellationToken);
        return found.Succeeded
            ? Results.Ok(new Enveloped<FailedDeliveryResource>(FailedDeliveryResource.Of(found.Value)))
            : found.Problem.ToResult();
    }

    private static async Task<IResult> DropAsync(Guid id, ClaimsPrincipal user, DropDelivery drop, CancellationToken cancellationToken)
    {
        var key = DeliveryIds.Key(id);
        var dropped = await drop.RunAsync(key.MessageId, key.Ordinal, user.AccountId(), cancellationToken);
        return dropped.Succeeded ? Results.NoContent() : dropped.Problem.ToResult();
    }

    private static async Task<IResult> DownloadAsync(
        Guid id, ClaimsPrincipal user, ListFailedDeliveries list, OpenMessage open, CancellationToken cancellationToken)
    {
        var key = DeliveryIds.Key(id);
        var found = await list.FindAsync(user.AccountId(), key, cancellationToken);
        if (!found.Succeeded)
        {
            return found.Problem.ToResult();
        }

        var content = await open.RunAsync(key.MessageId, user.AccountId(), cancellationToken);
        return content.Succeeded ? new SourceDownload(key.MessageId, content.Value) : content.Problem.ToResult();
    }

    /// <summary>The body is not read: addy.io's recipient_ids would send the mail of one mailbox to others.</summary>
    private static async Task<IResult> ResendAsync(Guid id, ClaimsPrincipal user, RetryDelivery retry, CancellationToken cancellationToken)
    {
        var key = DeliveryIds.Key(id);
        var queued = await retry.RunAsync(key.MessageId, key.Ordinal, user.AccountId(), null, cancellationToken);
        return queued.Succeeded ? Results.NoContent() : queued.Problem.ToResult();
    }
}
