using System.CommandLine;
using System.Globalization;
using Smtpy.Core.Accounts;

namespace Smtpy.Server.Commands;

internal static class ApiKeyCommand
{
    public static Command Create(Option<bool> json) =>
        new("apikey", "Keys with which programs use the API") { Make(json), List(json), Revoke(json) };

    private static Command Make(Option<bool> json)
    {
        var user = new Option<string>("--user") { Description = "e-mail of the account the key acts for", Required = true };
        var scope = new Option<string>("--scope") { Description = "full: everything; read: look only", DefaultValueFactory = static _ => "full" };
        scope.OnlyFrom("full", "read");
        var name = new Option<string>("--name") { Description = "what the key is for", DefaultValueFactory = static _ => "" };
        var expires = new Option<int?>("--expires") { Description = "days until it stops working; default: never" };
        expires.Validators.Add(static result =>
        {
            if (result.Tokens is [var token] && (!int.TryParse(token.Value, CultureInfo.InvariantCulture, out var days) || days is < 1 or > 3650))
            {
                result.AddError("--expires wants a number of days from 1 to 3650.");
            }
        });
        var command = new Command("create", "Make a key; it is shown this once") { user, scope, name, expires };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var scoped = await AdminScope.OpenAsync(cancellationToken);
            TimeSpan? lifetime = parsed.GetValue(expires) is { } days ? TimeSpan.FromDays(days) : null;
            var outcome = await scoped.Get<CreateApiKey>().RunAsync(
                parsed.GetRequiredValue(user), parsed.GetRequiredValue(name), Enum.Parse<ApiKeyScope>(parsed.GetRequiredValue(scope), ignoreCase: true),
                lifetime, cancellationToken);
            return new Output(parsed.GetValue(json)).Show(outcome, static made => (
                new { made.Key.Id, made.Token, made.Key.Name, made.Key.Scope, Account = made.Key.Account!.Email, made.Key.CreatedAt, made.Key.ExpiresAt },
                made.Token));
        });
        return command;
    }

    private static Command List(Option<bool> json)
    {
        var command = new Command("list", "All keys");
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var scope = await AdminScope.OpenAsync(cancellationToken);
            var keys = await scope.Get<ListApiKeys>().RunAsync(cancellationToken);
            var output = new Output(parsed.GetValue(json));
            return output.IsJson
                ? output.Done(keys.Select(Json), "")
                : output.List(
                    keys, "no keys; make one with: smtpy apikey create --user EMAIL",
                    ("id", static k => k.Id.ToString("D")), ("begins", static k => k.Prefix), ("account", static k => k.Account!.Email),
                    ("scope", static k => k.Scope.ToString().ToLowerInvariant()), ("name", static k => k.Name),
                    ("last used", static k => Day(k.LastUsedAt) ?? "never"), ("expires", static k => Day(k.ExpiresAt) ?? "never"));
        });
        return command;
    }

    private static Command Revoke(Option<bool> json)
    {
        var id = new Argument<string>("id") { Description = "its id, or its beginning as the list shows it" };
        var command = new Command("revoke", "Take a key back") { id };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var scope = await AdminScope.OpenAsync(cancellationToken);
            var outcome = await scope.Get<RevokeApiKey>().RunAsync(parsed.GetRequiredValue(id), cancellationToken);
            return new Output(parsed.GetValue(json)).Show(outcome, static key => (Json(key), $"key {key.Prefix}… of {key.Account!.Email} is revoked"));
        });
        return command;
    }

    private static object Json(ApiKey key) => new
    {
        key.Id,
        key.Prefix,
        key.Name,
        key.Scope,
        Account = key.Account!.Email,
        key.CreatedAt,
        key.LastUsedAt,
        key.ExpiresAt,
    };

    private static string? Day(DateTimeOffset? at) => at?.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
}
