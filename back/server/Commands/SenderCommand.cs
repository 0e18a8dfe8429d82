using System.CommandLine;
using Smtpy.Core.Rules;

namespace Smtpy.Server.Commands;

internal static class SenderCommand
{
    public static Command Create(Option<bool> json) => new("sender", "Senders that are blocked or let through")
    {
        Set(json, "block", "Refuse mail from a sender", SenderVerdict.Block),
        Set(json, "allow", "Forward mail from a sender even where DMARC or a filter is against it", SenderVerdict.LetThrough),
        List(json),
        Delete(json),
    };

    private static Command Set(Option<bool> json, string verb, string description, SenderVerdict verdict)
    {
        var sender = Sender();
        var scopes = new ScopeOptions();
        var command = new Command(verb, description) { sender };
        scopes.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var scope = await AdminScope.OpenAsync(cancellationToken);
            var outcome = await scope.Get<SetSenderRule>().RunAsync(scopes.Read(parsed), parsed.GetRequiredValue(sender), verdict, cancellationToken);
            return new Output(parsed.GetValue(json)).Show(outcome, rule => (
                new { rule.Id, rule.Sender, rule.Verdict, rule.AccountId, rule.DomainId, rule.AliasId },
                $"{rule.Sender} is {(verdict is SenderVerdict.Block ? "blocked" : "let through")} for {scopes.Describe(parsed)}"));
        });
        return command;
    }

    private static Command List(Option<bool> json)
    {
        var limit = Listing.Limit();
        var command = new Command("list", "All sender rules") { limit };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var scope = await AdminScope.OpenAsync(cancellationToken);
            var page = await scope.Get<ListSenderRules>().RunAsync(null, new SenderRuleQuery(PageSize: parsed.GetValue(limit)), cancellationToken);
            var output = new Output(parsed.GetValue(json));
            return output.IsJson
                ? output.Done(page.Items.Select(static r => new { r.Rule.Id, r.Rule.Sender, r.Rule.Verdict, r.Account, r.Domain, r.Alias, r.Rule.CreatedAt }), "")
                : output.List(
                    page.Items, "no rules; block a sender with: smtpy sender block SENDER --user EMAIL",
                    ("sender", static r => r.Rule.Sender), ("is", static r => r.Rule.Verdict is SenderVerdict.Block ? "blocked" : "let through"),
                    ("for", static r => r.Alias ?? r.Domain ?? "all"), ("account", static r => r.Account));
        });
        return command;
    }

    private static Command Delete(Option<bool> json)
    {
        var sender = Sender();
        var scopes = new ScopeOptions();
        var command = new Command("delete", "Take a rule back") { sender };
        scopes.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var scope = await AdminScope.OpenAsync(cancellationToken);
            var outcome = await scope.Get<DeleteSenderRule>().RunAsync(scopes.Read(parsed), parsed.GetRequiredValue(sender), cancellationToken);
            return new Output(parsed.GetValue(json)).Show(outcome, rule => (
                new { rule.Id, rule.Sender }, $"there is no rule for {rule.Sender} any more for {scopes.Describe(parsed)}"));
        });
        return command;
    }

    private static Argument<string> Sender() => new("sender") { Description = "jane@shop.example, or @shop.example for the domain and all below it" };

    /// <summary>For what a rule is: exactly one of the three.</summary>
    private sealed class ScopeOptions
    {
        private readonly Option<string?> _user = new("--user") { Description = "for all mail of this account" };
        private readonly Option<string?> _domain = new("--domain") { Description = "only for mail to this domain" };
        private readonly Option<string?> _alias = new("--alias") { Description = "only for mail to this alias" };

        public void AddTo(Command command)
        {
            command.Add(_user);
            command.Add(_domain);
            command.Add(_alias);
            command.Validators.Add(result =>
            {
                if (new[] { _user, _domain, _alias }.Count(option => result.GetResult(option) is { Tokens.Count: > 0 }) != 1)
                {
                    result.AddError("Name exactly one of --user, --domain, --alias.");
                }
            });
        }

        public SenderRuleScope Read(ParseResult parsed) => parsed.GetValue(_alias) is { } alias ? SenderRuleScope.Alias(alias)
            : parsed.GetValue(_domain) is { } domain ? SenderRuleScope.Domain(domain)
            : SenderRuleScope.Account(parsed.GetValue(_user)!);

        public string Describe(ParseResult parsed) => parsed.GetValue(_alias) ?? parsed.GetValue(_domain) ?? "all of " + parsed.GetValue(_user);
    }
}
