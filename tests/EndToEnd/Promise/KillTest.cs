using System.Diagnostics;
using System.Globalization;
using Smtpy.Tests.Support;
using Smtpy.Tests.Support.Processes;
using Smtpy.Tests.Support.Smtp;
using Xunit;

namespace Smtpy.EndToEnd.Promise;

/// <summary>
/// The promise: what was answered 250 is delivered, whatever happens to the process. The server is killed (SIGKILL) at random
/// moments under load and started again on the same database; now and then the destination dies too. Or PostgreSQL is killed, and
/// the server goes on by itself when it is back. At the end every Message-ID
/// whose 250 a sender read must have reached the sink.
/// </summary>
/// <remarks>
/// SMTPY_KILL_ROUNDS says how many rounds (10) on SQLite; with PostgreSQL, whose rounds take longer, it is a fifth of them.
/// SMTPY_KILL_SEED repeats the moments of an earlier run.
/// </remarks>
[Trait("speed", "slow")]
public sealed class KillTest(ITestOutputHelper output)
{
    private const int Senders = 8;
    private const int Aliases = 200;

    private static int Rounds => Setting("SMTPY_KILL_ROUNDS", 10);

    private static int RoundsOnPostgres => Math.Max(1, Rounds / 5);

    [Fact]
    public async Task Nothing_that_was_answered_250_is_lost_when_the_server_is_killed()
    {
        await using var sink = new RecordingSink();
        await ProveAsync(Instance.RelayingTo(sink.Port), sink, "SQLite", Rounds, database: null);
    }

    [Fact]
    public async Task Nothing_that_was_answered_250_is_lost_when_the_server_on_PostgreSQL_is_killed()
    {
        await using var postgres = await PostgresServer.StartFreshAsync();
        await using var sink = new RecordingSink();
        await ProveAsync(await OnPostgresAsync(postgres, sink), sink, "PostgreSQL", RoundsOnPostgres, database: null);
    }

    [Fact]
    public async Task Nothing_that_was_answered_250_is_lost_when_PostgreSQL_is_killed()
    {
        await using var postgres = await PostgresServer.StartFreshAsync();
        await using var sink = new RecordingSink();
        await ProveAsync(await OnPostgresAsync(postgres, sink), sink, "PostgreSQL killed", RoundsOnPostgres, postgres);
    }

    private static async Task<Dictionary<string, string?>> OnPostgresAsync(PostgresServer postgres, RecordingSink sink)
    {
        await postgres.RunAsync("CREATE DATABASE mail");
        return Instance.RelayingTo(sink.Port, ("DATABASE_URL", postgres.Url("mail")));
    }

    /// <param name="database">Killed instead of the server where it is given.</param>
    private async Task ProveAsync(Dictionary<string, string?> settings, RecordingSink sink, string name, int rounds, PostgresServer? database)
    {
        var seed = Setting("SMTPY_KILL_SEED", Random.Shared.Next(1_000_000));
        var random = new Random(seed);
        await using var smtpy = await SmtpyProcess.StartAsync(settings, Instance.Domain, ManyAliases());
        var load = new AccountedLoad(smtpy.SmtpPort, [.. ManyAliases().Keys]);
        using var stop = new CancellationTokenSource();
        var sending = load.RunAsync(Senders, stop.Token);

        for (var round = 0; round < rounds; round++)
        {
            await RoundAsync(smtpy, sink, load, random, database);
        }

        await stop.CancelAsync();
        await sending;
        var draining = Stopwatch.GetTimestamp();
        await DrainAsync(smtpy, load, sink);

        var account = DeliveryAccount.Settle(load.Accepted, sink.Entries);
        var summary = string.Create(
            CultureInfo.InvariantCulture,
            $"KILL TEST {name} rounds={rounds} {account} refused={load.Refused} drained in {Stopwatch.GetElapsedTime(draining).TotalSeconds:0} s, seed={seed}");
        output.WriteLine(summary);
        Console.WriteLine(summary);
        Assert.True(account.Lost.Count == 0, $"{summary}\n{string.Join('\n', account.Lost.Take(20))}");
        Assert.True(account.Altered.Count == 0, $"{summary}\n{string.Join('\n', account.Altered.Take(20))}");
        Assert.True(account.Accepted >= rounds, "hardly anything was accepted, so nothing was proven: " + summary);
    }

    /// <summary>Lets the load run for a random time, kills, starts again. Every fourth round the sink is away for a while.</summary>
    private static async Task RoundAsync(SmtpyProcess smtpy, RecordingSink sink, AccountedLoad load, Random random, PostgresServer? database)
    {
        // Waits for real work first: a kill before anything was accepted would prove nothing.
        var before = load.Accepted.Count;
        await Until.TrueAsync(
            "messages are accepted again\n" + smtpy.Log, () => load.Accepted.Count > before);
        var sinkDies = random.Next(4) == 0;
        if (sinkDies)
        {
            await sink.KillAsync();
        }

        // The random moment is the point here, not a wait for something.
        await Task.Delay(random.Next(1, 800));
        await (database?.KillAsync() ?? smtpy.KillAsync());
        if (sinkDies)
        {
            sink.Start();
        }

        await (database?.StartAsync() ?? smtpy.StartAsync());
    }

    private static async Task DrainAsync(SmtpyProcess smtpy, AccountedLoad load, RecordingSink sink)
    {
        var missing = new Stack<string>(load.Accepted.Keys);
        bool NothingMissing()
        {
            while (missing.TryPeek(out var id) && sink.Entries.ContainsKey(id))
            {
                missing.Pop();
            }

            return missing.Count == 0;
        }

        try
        {
            await Until.TrueAsync("all arrived", NothingMissing, TimeSpan.FromMinutes(10));
        }
        catch (TimeoutException)
        {
            // The account that follows says what is missing; here only what the server thinks of it.
            Console.WriteLine($"queue: {await smtpy.QueueLengthAsync()} left");
        }
    }

    private static Dictionary<string, string[]> ManyAliases() =>
        Enumerable.Range(1, Aliases).ToDictionary(number => $"a{number}@{Instance.Domain}", number => new[] { $"r{number}@mailbox.test" });

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : otherwise;
}
