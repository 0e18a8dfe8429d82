using System.Security.Claims;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Smtpy.Api.Aliases;
using Smtpy.Api.Description;
using Smtpy.Api.Http;
using Smtpy.Api.Keys;
using Smtpy.Core;
using Smtpy.Core.Recipients;

namespace Smtpy.Api.Recipients;

/// <summary>One recipient, its key and its switches; the list is with the account.</summary>
internal static class RecipientEndpoints
{
    private const string Tag = "Recipients";

    /// <summary>A key of the size that is read, 256 KiB, as JSON text: line ends take two characters.</summary>
    private const long MostKeyOctets = 512 * 1024;

    public static void Map(IEndpointRouteBuilder api)
    {
        var recipients = api.MapGroup("").WithTags(Tag);
        recipients.MapGet("/recipients/{id:guid}", FindAsync).WithSummary("Show a recipient").Answers<Enveloped<RecipientResource>>().Unknown404();
        recipients.MapPatch("/recipient-keys/{id:guid}", SetKeyAsync)
            .WithSummary("Give a recipient the OpenPGP public key or X.509 certificate that its mail is encrypted with from now on")
            .WithMetadata(new BodyLimit(MostKeyOctets)).Answers<Enveloped<RecipientResource>>().Unknown404().Wrong422();
        recipients.MapDelete("/recipient-keys/{id:guid}", RemoveKeyAsync).WithSummary("Remove a recipient's key: its mail is sent in clear")
            .Done204().Unknown404();
        Switch(api, "/encrypted-recipients", ("Encrypt mail to a recipient that has a key", "Send mail in clear; the key is kept"),
            static on => new RecipientEdit(Encrypt: on));
        Switch(api, "/protected-headers-recipients", ("Put the subject into the encrypted part", "Leave the subject readable"),
            static on => new RecipientEdit(ProtectSubject: on));
        Switch(api, "/paused-recipients", ("Hold what comes for a recipient", "Forward to a recipient again; what is held stays held until it is released"),
            static on => new RecipientEdit(Paused: on));
    }

    private static void Switch(IEndpointRouteBuilder api, string path, (string On, string Off) words, Func<bool, RecipientEdit> edit) =>
        api.MapSwitch<EditRecipient, Recipient, RecipientResource>(
            path, Tag, words,
            (use, account, id, on, cancellationToken) => use.RunAsync(new RecipientSelector(account, id), edit(on), cancellationToken),
            static recipient => RecipientResource.Of(recipient, null));

    private static async Task<IResult> FindAsync(Guid id, ClaimsPrincipal user, ListRecipients list, CancellationToken cancellationToken) =>
        Show(await list.FindAsync(new RecipientSelector(user.AccountId(), id), cancellationToken));

    private static async Task<IResult> SetKeyAsync(
        Guid id, RecipientKeyBody? body, ClaimsPrincipal user, SetRecipientKey set, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(body?.KeyData))
        {
            return Problem.Invalid("The key data field is required.", "key_data").ToResult();
        }

        var outcome = await set.RunAsync(new RecipientSelector(user.AccountId(), id), Encoding.UTF8.GetBytes(body.KeyData), cancellationToken);
        return outcome.Succeeded ? Show(outcome.Value.Recipient) : outcome.Problem.ToResult();
    }

    private static async Task<IResult> RemoveKeyAsync(Guid id, ClaimsPrincipal user, RemoveRecipientKey remove, CancellationToken cancellationToken)
    {
        var outcome = await remove.RunAsync(new RecipientSelector(user.AccountId(), id), cancellationToken);
        return outcome.Succeeded ? Results.NoContent() : outcome.Problem.ToResult();
    }

    private static IResult Show(Outcome<Recipient> outcome) => outcome.Succeeded
        ? Results.Ok(new Enveloped<RecipientResource>(RecipientResource.Of(outcome.Value, null)))
        : outcome.Problem.ToResult();
}

/// <param name="KeyData">The key as text: an armoured OpenPGP public key, or a certificate in PEM.</param>
public sealed record RecipientKeyBody(string? KeyData);
