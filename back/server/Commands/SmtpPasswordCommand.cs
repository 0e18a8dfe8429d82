using System.CommandLine;
using System.Globalization;
using Smtpy.Core.Accounts;

namespace Smtpy.Server.Commands;

internal static class SmtpPasswordCommand
{
    public static Command Create(Option<bool> json) =>
        new("smtp-password", "Passwords with which mail programs submit mail") { Make(json), List(json), Revoke(json) };

    private static Command Make(Option<bool> json)
    {
        var alias = new Option<string?>("--alias") { Description = "may send as this alias only" };
        var user = new Option<string?>("--user") { Description = "may send as any alias of this account" };
        var command = new Command("create", "Make a password; it is shown this once and takes the place of the one before") { alias, user };
        command.Validators.Add(result =>
        {
            if (new[] { alias, user }.Count(option => result.GetResult(option) is { Tokens.Count: > 0 }) != 1)
            {
                result.AddError("Name exactly one of --alias, --user.");
            }
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var scope = await AdminScope.OpenAsync(cancellationToken);
            var create = scope.Get<CreateSmtpPassword>();
            var outcome = parsed.GetValue(alias) is { } address
                ? await create.ForAliasAsync(address, cancellationToken)
                : await create.ForAccountAsync(parsed.GetValue(user)!, cancellationToken);
            return new Output(parsed.GetValue(json)).Show(outcome, static made => (
                new { made.Credential.Id, made.Credential.UserName, made.Password, made.Credential.CreatedAt },
                $"user name  {made.Credential.UserName}\npassword   {made.Password}"));
        });
        return command;
    }

    private static Command List(Option<bool> json)
    {
        var command = new Command("list", "For whom there are passwords");
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var scope = await AdminScope.OpenAsync(cancellationToken);
            var credentials = await scope.Get<ListSmtpPasswords>().RunAsync(null, cancellationToken);
            var output = new Output(parsed.GetValue(json));
            return output.IsJson
                ? output.Done(credentials.Select(Json), "")
                : output.List(
                    credentials, "no SMTP passwords; make one with: smtpy smtp-password create --alias ALIAS",
                    ("user name", static c => c.UserName), ("sends as", static c => c.AliasId is null ? "any alias of the account" : "this alias"),
                    ("made", static c => c.CreatedAt.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)));
        });
        return command;
    }

    private static Command Revoke(Option<bool> json)
    {
        var name = new Argument<string>("user-name") { Description = "the alias's address, or the account's" };
        var command = new Command("revoke", "Take a password back") { name };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var scope = await AdminScope.OpenAsync(cancellationToken);
            var outcome = await scope.Get<RevokeSmtpPassword>().RunAsync(parsed.GetRequiredValue(name), cancellationToken);
            return new Output(parsed.GetValue(json)).Show(outcome, static c => (Json(c), $"the SMTP password of {c.UserName} is revoked"));
        });
        return command;
    }

    private static object Json(SmtpCredential credential) => new { credential.Id, credential.UserName, credential.AliasId, credential.CreatedAt };
}
