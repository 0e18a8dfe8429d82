using System.Data.Common;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Domains.Records;

/// <summary>
/// Looks after verified domains and the host name: makes the keys they lack, asks DNS about them now and then so that a new key begins
/// to sign when its record is there, and forgets old keys. Any number of processes may do it at once: all come to the same.
/// </summary>
public sealed partial class DomainUpkeep(
    IDatabase database, EnsureDomainKeys ensure, ExamineDomain examine, ForgetDomainKeys forget, IDkimKeys keys,
    DomainKeyOptions options, TimeProvider time, ILogger<DomainUpkeep> logger) : BackgroundService
{
    private readonly Dictionary<(string Domain, DomainRecordPurpose What), int> _misses = [];

    /// <summary>The instance can sign before the first message comes.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await AttemptAsync(EnsureHostAsync, cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    /// <summary>Everything that is to be looked after, once.</summary>
    public async Task RunRoundAsync(CancellationToken cancellationToken)
    {
        var domains = await DomainsAsync(cancellationToken);
        await LookAfterAsync(options.HostName, isDomain: domains.Remove(options.HostName), cancellationToken);
        foreach (var domain in domains)
        {
            await LookAfterAsync(domain, isDomain: true, cancellationToken);
        }

        foreach (var gone in _misses.Keys.Where(key => !domains.Contains(key.Domain) && key.Domain != options.HostName).ToList())
        {
            _misses.Remove(gone);
        }

        await forget.RunAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Task.Delay(Random.Shared.NextDouble() * options.FirstCheckWithin, time, stoppingToken);
            while (true)
            {
                await AttemptAsync(RunRoundAsync, stoppingToken);
                await Task.Delay(options.CheckInterval * (0.9 + (Random.Shared.NextDouble() * 0.2)), time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopped.
        }
    }

    /// <summary>By plain SQL where the keys are there already, which is at every start but the first.</summary>
    private async Task EnsureHostAsync(CancellationToken cancellationToken)
    {
        if ((await KnownAsync(options.HostName, cancellationToken)).Count == 0)
        {
            await ensure.RunAsync(options.HostName, cancellationToken);
        }

        await keys.FindAsync(options.HostName, cancellationToken);
    }

    private async Task LookAfterAsync(string domain, bool isDomain, CancellationToken cancellationToken)
    {
        var known = await KnownAsync(domain, cancellationToken);
        if (!known.Any(static key => key is { RetiredAt: null, Algorithm: DomainKeyAlgorithm.RsaSha256 })
            && await ensure.RunAsync(domain, cancellationToken) is { Succeeded: true } made)
        {
            known = made.Value.Keys;
        }

        var seen = await examine.AskAsync(domain, isDomain, known, cancellationToken);
        var rule = new SeenRule(
            options.SeenPrecision, IsGone(domain, DomainRecordPurpose.Key, seen.CanBeVerified), IsGone(domain, DomainRecordPurpose.Exchanger, seen.ComesHere));
        string[] begins = [.. seen.CarriedPending];
        if (isDomain || begins.Length > 0)
        {
            await examine.KeepAsync(seen, rule, cancellationToken);
        }

        foreach (var selector in begins)
        {
            LogBegins(logger, selector, domain);
        }

        // Keys that do not open are found out before mail needs them.
        await keys.FindAsync(domain, cancellationToken);
    }

    private bool IsGone(string domain, DomainRecordPurpose what, bool? seen)
    {
        if (seen == true)
        {
            _misses.Remove((domain, what));
        }

        var misses = _misses.GetValueOrDefault((domain, what)) + (seen == false ? 1 : 0);
        if (seen == false)
        {
            _misses[(domain, what)] = misses;
        }

        return misses >= options.MissesBeforeGone;
    }

    private async Task<HashSet<string>> DomainsAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT name FROM domains WHERE verified_at IS NOT NULL";
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var names = new HashSet<string>(StringComparer.Ordinal);
        while (await rows.ReadAsync(cancellationToken))
        {
            names.Add(rows.GetString(0));
        }

        return names;
    }

    private async Task<IReadOnlyList<DomainKey>> KnownAsync(string domain, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText =
            "SELECT id, selector, algorithm, public_key, created_at, active_from, retired_at FROM signing_keys WHERE domain_name = @domain";
        command.AddText("@domain", domain);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var known = new List<DomainKey>();
        while (await rows.ReadAsync(cancellationToken))
        {
            known.Add(new DomainKey
            {
                Id = rows.GetGuid(0),
                DomainName = domain,
                Selector = rows.GetString(1),
                Algorithm = (DomainKeyAlgorithm)rows.GetInt32(2),
                PublicKey = rows.GetString(3),
                SealedPrivateKey = [],
                CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(rows.GetInt64(4)),
                ActiveFrom = rows.IsDBNull(5) ? null : DateTimeOffset.FromUnixTimeMilliseconds(rows.GetInt64(5)),
                RetiredAt = rows.IsDBNull(6) ? null : DateTimeOffset.FromUnixTimeMilliseconds(rows.GetInt64(6)),
            });
        }

        return known;
    }

    /// <summary>Whatever goes wrong in one round, there is another.</summary>
    private async Task AttemptAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        try
        {
            await work(cancellationToken);
        }
        catch (Exception failure) when (DatabaseTrouble.IsCauseOf(failure))
        {
            LogFailed(logger, failure.Message);
        }
        catch (Exception defect) when (!cancellationToken.IsCancellationRequested)
        {
            LogDefect(logger, defect);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A round of looking after the domains ended by a defect; the next one tries again")]
    private static partial void LogDefect(ILogger logger, Exception defect);

    [LoggerMessage(Level = LogLevel.Information, Message = "DNS carries the key {Selector} of {Domain}: it signs from now on")]
    private static partial void LogBegins(ILogger logger, string selector, string domain);

    [LoggerMessage(Level = LogLevel.Warning, Message = "domains were not looked after this time: {Failure}")]
    private static partial void LogFailed(ILogger logger, string failure);
}
