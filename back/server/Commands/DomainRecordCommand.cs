using System.CommandLine;
using System.Globalization;
using Smtpy.Core;
using Smtpy.Core.Domains;
using Smtpy.Core.Domains.Records;

namespace Smtpy.Server.Commands;

/// <summary>The records and keys of a domain or of the host name: <c>domain check</c>, <c>domain keys</c>, <c>domain rotate</c>.</summary>
internal static class DomainRecordCommand
{
    /// <summary>Characters of a record's value in a table. 60: room for every record but a key's.</summary>
    private const int LongestShown = 60;

    /// <summary>Records found that a table shows. 2: more than one is mostly a mistake already.</summary>
    private const int MostShown = 2;

    public static Command Check(Option<bool> json)
    {
        var name = Name();
        var command = new Command("check", "Ask DNS for the records the domain needs; exit code 0 when all required ones are right") { name };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var scope = await AdminScope.OpenAsync(cancellationToken, asksDns: true);
            var outcome = await scope.Get<ExamineDomain>().RunAsync(parsed.GetRequiredValue(name), cancellationToken);
            var output = new Output(parsed.GetValue(json));
            if (!outcome.Succeeded)
            {
                return output.Fail(outcome.Problem.Message);
            }

            Show(output, outcome.Value);
            return outcome.Value.IsReady ? 0 : 1;
        });
        return command;
    }

    public static Command Keys(Option<bool> json)
    {
        var name = Name();
        var command = new Command("keys", "The keys the domain signs with, as the records to publish") { name };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var scope = await AdminScope.OpenAsync(cancellationToken);
            var outcome = await scope.Get<ListDomainKeys>().RunAsync(parsed.GetRequiredValue(name), cancellationToken);
            return new Output(parsed.GetValue(json)).Show(outcome, keys => Describe(scope, keys));
        });
        return command;
    }

    public static Command Rotate(Option<bool> json)
    {
        var name = Name();
        var force = new Option<bool>("--force") { Description = "the new keys sign at once, whatever DNS carries" };
        var command = new Command("rotate", "Make new keys; they sign when DNS carries them, and the old ones until then") { name, force };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var scope = await AdminScope.OpenAsync(cancellationToken);
            var outcome = await scope.Get<RotateDomainKeys>().RunAsync(parsed.GetRequiredValue(name), parsed.GetValue(force), cancellationToken);
            return new Output(parsed.GetValue(json)).Show(outcome, keys => Describe(scope, keys));
        });
        return command;
    }

    /// <summary>What to publish for a domain that was just added, as the lines of a zone file.</summary>
    public static string Lines(AdminScope scope, DomainKeys keys)
    {
        var options = scope.Get<DomainKeyOptions>();
        var records = DomainRecords.OfDomain(keys.Domain, options.HostName, keys.Keys, scope.Get<TimeProvider>().GetUtcNow(), options);
        return string.Join('\n', records.Select(static record => record.ZoneLine));
    }

    private static Argument<string> Name() => new("name") { Description = "a domain, or SMTP_HOSTNAME" };

    private static (object Json, string Text) Describe(AdminScope scope, DomainKeys keys)
    {
        var (options, now) = (scope.Get<DomainKeyOptions>(), scope.Get<TimeProvider>().GetUtcNow());
        var json = new
        {
            keys.Domain,
            Keys = keys.Keys.Select(key => new
            {
                key.Selector,
                key.Algorithm,
                State = key.StateAt(now, options),
                Record = key.ToPublish().RecordName,
                Value = key.ToPublish().RecordText,
                key.CreatedAt,
                key.ActiveFrom,
                key.RetiredAt,
            }),
        };
        var text = keys.Keys.Count == 0
            ? $"{keys.Domain} has no keys; make some with: smtpy domain rotate {keys.Domain}"
            : string.Join('\n', keys.Keys.Select(key => $"; {Words(key, now, options)}\n{key.ToPublish().RecordName}. TXT {key.ToPublish().ZoneFileText}"));
        return (json, text);
    }

    private static string Words(DomainKey key, DateTimeOffset now, DomainKeyOptions options) => key.StateAt(now, options) switch
    {
        DomainKeyState.Active => "signs; keep this record",
        DomainKeyState.Pending => "signs as soon as DNS carries this record",
        DomainKeyState.Retired => string.Create(
            CultureInfo.InvariantCulture, $"signs no more; keep this record until {key.RetiredAt + options.KeepPublished:yyyy-MM-dd}"),
        _ => "signs no more; this record may be removed",
    };

    private static void Show(Output output, DomainExamination seen)
    {
        if (!output.IsJson)
        {
            output.List(
                seen.Findings, "", ("", static f => Word(f)), ("type", static f => f.Record.Type), ("name", static f => f.Record.Name),
                ("wanted", static f => Short(f.Record.Value)), ("found", static f => Found(f)));
            return;
        }

        output.Done(
            new
            {
                seen.Domain,
                Ready = seen.IsReady,
                seen.ComesHere,
                seen.CanBeVerified,
                Records = seen.Findings.Select(static f => new
                {
                    f.Record.Name,
                    f.Record.Type,
                    f.Record.Purpose,
                    f.Record.Value,
                    Required = f.Record.IsRequired,
                    f.Verdict,
                    f.Found,
                    f.Note,
                }),
            },
            "");
    }

    private static string Word(RecordFinding finding) => finding.Verdict switch
    {
        RecordVerdict.Ok => "ok",
        RecordVerdict.Unknown => "no answer",
        var verdict when finding.IsObstacle => verdict.ToString().ToUpperInvariant(),
        var verdict => verdict.ToString().ToLowerInvariant() + " (advised)",
    };

    /// <summary>A key takes 400 characters, which no table has; whole it is in the answer of <c>domain keys</c> and with --json.</summary>
    private static string Short(string value) => value.Length <= LongestShown ? value : value[..(LongestShown - 1)] + "…";

    private static string Found(RecordFinding finding)
    {
        var found = finding.Verdict == RecordVerdict.Ok && finding.Record.Key is not null ? "the same" : string.Join(" | ", finding.Found.Take(MostShown).Select(Short));
        return finding.Note.Length == 0 ? found : found.Length == 0 ? finding.Note : $"{found} ({finding.Note})";
    }
}
