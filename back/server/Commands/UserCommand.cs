using System.CommandLine;
using Smtpy.Core.Accounts;

namespace Smtpy.Server.Commands;

internal static class UserCommand
{
    public static Command Create(Option<bool> json)
    {
        var email = new Argument<string>("email") { Description = "the person's own address; mail to postmaster goes there" };
        var admin = new Option<bool>("--admin") { Description = "may do everything on this instance" };
        var passwordStdin = new Option<bool>("--password-stdin") { Description = "read a password from the first line of standard input" };
        var add = new Command("add", "Open an account") { email, admin, passwordStdin };
        add.SetAction(async (parsed, cancellationToken) =>
        {
            var output = new Output(parsed.GetValue(json));
            var password = parsed.GetValue(passwordStdin) ? await Console.In.ReadLineAsync(cancellationToken) ?? "" : null;
            await using var scope = await AdminScope.OpenAsync(cancellationToken);
            var outcome = await scope.Get<AddAccount>().RunAsync(
                parsed.GetRequiredValue(email), password, parsed.GetValue(admin), cancellationToken);
            return output.Show(outcome, account => (
                new { account.Id, account.Email, account.IsAdmin, account.CreatedAt },
                $"account {account.Email} opened{(account.IsAdmin ? " (administrator)" : "")}"));
        });
        return new Command("user", "Accounts") { add };
    }
}
