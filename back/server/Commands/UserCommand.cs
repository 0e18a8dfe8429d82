using System.CommandLine;
using System.Globalization;
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
        return new Command("user", "Accounts") { add, List(json) };
    }

    private static Command List(Option<bool> json)
    {
        var command = new Command("list", "All accounts");
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var scope = await AdminScope.OpenAsync(cancellationToken);
            return new Output(parsed.GetValue(json)).List(
                await scope.Get<ListAccounts>().RunAsync(cancellationToken), "no accounts; open one with: smtpy user add EMAIL",
                ("account", static a => a.Email), ("administrator", static a => a.IsAdmin ? "yes" : "no"),
                ("domains", static a => a.Domains.ToString(CultureInfo.InvariantCulture)),
                ("aliases", static a => a.Aliases.ToString(CultureInfo.InvariantCulture)));
        });
        return command;
    }
}
