using System.CommandLine;
using System.Globalization;
using Smtpy.Core;
using Smtpy.Core.Messages;
using Smtpy.Core.Storage;

namespace Smtpy.Server.Commands;

/// <summary>What can be done with messages of the queue: one, several, or all. What stands in one's way does not keep the others back.</summary>
internal static class QueueActions
{
    public static Command Release(Option<bool> json) => Create(
        json,
        new QueueAction(
            "release", "Send held messages on to their recipients; they are not judged again", "released", Due, RetryOnly([DeliveryState.Held]), [DeliveryState.Held]),
        "every message that is held");

    public static Command Retry(Option<bool> json) => Create(
        json,
        new QueueAction(
            "retry", "Make all unfinished deliveries of messages due now, also those that failed or are held. A destination that did not answer is tried when its pause ends (queue list)", "retried", Due, RetryOnly(null),
            [DeliveryState.Queued, DeliveryState.Failed]),
        "every message that waits or failed, and none that is held");

    public static Command Drop(Option<bool> json) => Create(
        json,
        new QueueAction(
            "drop", "Take all unfinished deliveries of messages out of the queue for good", "dropped",
            static count => Output.Count(count, "delivery", "deliveries") + " dropped",
            static (scope, id, cancel) => scope.Get<DropDelivery>().RunAsync(id, null, null, cancel), []));

    internal static Argument<long> Id() => new("id") { Description = "the number in \"queued as N\"", CustomParser = static result => Parse(result, result.Tokens[0].Value) };

    internal static string Due(long count) => count == 1 ? "1 delivery is due now" : $"{count} deliveries are due now";

    private static Command Create(Option<bool> json, QueueAction action, string? all = null)
    {
        var ids = new Argument<long[]>("id")
        {
            Description = "the number in \"queued as N\"; several are done one after the other",
            Arity = all is null ? ArgumentArity.OneOrMore : ArgumentArity.ZeroOrMore,
            CustomParser = static result => [.. result.Tokens.Select(token => Parse(result, token.Value))],
        };
        var command = new Command(action.Name, action.Description) { ids };
        Option<bool>? every = null;
        if (all is not null)
        {
            command.Add(every = new Option<bool>("--all") { Description = all });
            command.Validators.Add(result =>
            {
                if (result.GetValue(every) == (result.GetResult(ids)?.Tokens.Count > 0))
                {
                    result.AddError("Either the ids of messages are wanted, or --all.");
                }
            });
        }

        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var scope = await AdminScope.OpenAsync(cancellationToken);
            var done = every is not null && parsed.GetValue(every)
                ? await AllAsync(scope, action, cancellationToken)
                : await EachAsync(scope, action, parsed.GetRequiredValue(ids), cancellationToken);
            return Answer(new Output(parsed.GetValue(json)), action, done);
        });
        return command;
    }

    private static async Task<Done> EachAsync(AdminScope scope, QueueAction action, long[] ids, CancellationToken cancellationToken)
    {
        var count = 0;
        var left = new List<string>();
        var wanted = ids.Distinct().ToList();
        foreach (var id in wanted)
        {
            var outcome = await action.One(scope, id, cancellationToken);
            if (outcome.Succeeded)
            {
                count += outcome.Value;
            }
            else
            {
                left.Add(outcome.Problem.Message);
            }
        }

        return new Done(count, left, wanted.Count == 1);
    }

    private static async Task<Done> AllAsync(AdminScope scope, QueueAction action, CancellationToken cancellationToken)
    {
        var retried = await scope.Get<RetryAll>().RunAsync(action.AllOf, cancellationToken);
        return new Done(retried.Due, retried.Left, false);
    }

    private static int Answer(Output output, QueueAction action, Done done)
    {
        if (done.IsOfOne && done.Left.Count == 1)
        {
            return output.Fail(done.Left[0]);
        }

        var answer = new Dictionary<string, object> { [action.Counted] = done.Count };
        if (done.Left.Count > 0)
        {
            answer["errors"] = done.Left;
        }

        output.Done(answer, action.Text(done.Count));
        foreach (var reason in done.Left)
        {
            Console.Error.WriteLine("smtpy: " + Output.Printable(reason));
        }

        return done.Left.Count == 0 ? 0 : 1;
    }

    private static Func<AdminScope, long, CancellationToken, Task<Outcome<int>>> RetryOnly(IReadOnlyList<DeliveryState>? only) =>
        (scope, id, cancel) => scope.Get<RetryDelivery>().RunAsync(id, null, null, only, cancel);

    private static long Parse(System.CommandLine.Parsing.ArgumentResult result, string text)
    {
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
        {
            result.AddError($"'{Output.Printable(text)}' is no message id; accepted is the number in \"queued as N\".");
        }

        return id;
    }

    /// <param name="Counted">The name of the count in JSON.</param>
    /// <param name="Text">What is said to a person of how many deliveries.</param>
    /// <param name="AllOf">The states that --all is about.</param>
    private sealed record QueueAction(
        string Name, string Description, string Counted, Func<long, string> Text,
        Func<AdminScope, long, CancellationToken, Task<Outcome<int>>> One, IReadOnlyList<DeliveryState> AllOf);

    /// <param name="Left">Why nothing was done to others.</param>
    private sealed record Done(int Count, IReadOnlyList<string> Left, bool IsOfOne);
}
