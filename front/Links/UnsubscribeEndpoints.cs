using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Smtpy.Core;
using Smtpy.Core.Contacts;
using Smtpy.Mail.Rewriting;
using Smtpy.Web.Rendering;

namespace Smtpy.Web.Links;

/// <summary>
/// The links of our own List-Unsubscribe fields. POST acts, whether a mail program sends it (RFC 8058: no cookie, no redirect, the
/// link alone is the permission) or a person's browser; GET only asks, since scanners follow every link in a message.
/// </summary>
internal static class UnsubscribeEndpoints
{
    private const string Route = "/u/{token}";
    private static readonly string[] Reading = [HttpMethods.Get, HttpMethods.Head];

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapMethods(Route, Reading, AskAsync);
        routes.MapMethods(Route, [HttpMethods.Post], ActAsync);
    }

    private static async Task<IResult> AskAsync(
        string token, HttpContext context, [FromServices] UnsubscribeToken tokens, [FromServices] Unsubscribe unsubscribe, CancellationToken cancellationToken)
    {
        PageHeaders.Apply(context.Response);
        return tokens.TryRead(token, out var order) == TokenState.Valid
            ? Show(await unsubscribe.ShowAsync(order!, cancellationToken))
            : Useless(order);
    }

    private static async Task<IResult> ActAsync(
        string token, HttpContext context, [FromServices] UnsubscribeToken tokens, [FromServices] Unsubscribe unsubscribe, CancellationToken cancellationToken)
    {
        PageHeaders.Apply(context.Response);
        return tokens.TryRead(token, out var order) == TokenState.Valid
            ? Show(await unsubscribe.RunAsync(order!, cancellationToken))
            : Useless(order);
    }

    private static PageResult<UnsubscribePage, UnsubscribeModel> Show(Outcome<UnsubscribeSubject> outcome) => outcome switch
    {
        { Problem: { } problem } => Page("Nothing to do", problem.Message, null, problem.Kind == ProblemKind.NotFound ? StatusCodes.Status404NotFound : StatusCodes.Status409Conflict),
        { Value: { IsDone: true, Choice: UnsubscribeChoice.BlockSender } done } => Page("Blocked", $"Mail from {done.Sender} to {done.Alias} is refused."),
        { Value: { IsDone: true } done } => Page("Switched off", $"{done.Alias} is switched off and forwards no more mail. You can switch it on again at any time."),
        { Value: { Choice: UnsubscribeChoice.BlockSender } ask } => Page($"Block {ask.Sender}?", $"Mail from {ask.Sender} to {ask.Alias} will be refused.", "Block this sender"),
        { Value: { } ask } => Page($"Switch off {ask.Alias}?", $"{ask.Alias} will forward no more mail, whoever sends it, until you switch it on again.", "Switch off this alias"),
        _ => Useless(null),
    };

    /// <summary>An expired link is known to have been ours; of a forged one nothing can be said.</summary>
    private static PageResult<UnsubscribePage, UnsubscribeModel> Useless(UnsubscribeOrder? order) => order is not null
        ? Page("This link has expired", "Use the link in a newer message, or your account.", null, StatusCodes.Status410Gone)
        : Page("This link is not valid", "It may have been cut off when it was copied. Use the link in the message itself.", null, StatusCodes.Status404NotFound);

    private static PageResult<UnsubscribePage, UnsubscribeModel> Page(string title, string text, string? button = null, int status = StatusCodes.Status200OK) =>
        new(new UnsubscribeModel(title, [text], button), status);
}
