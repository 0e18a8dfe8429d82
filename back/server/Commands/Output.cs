using System.Text.Json;
using System.Text.Json.Serialization;
using Smtpy.Core;
using Spectre.Console;

namespace Smtpy.Server.Commands;

/// <summary>One way to answer for all commands: text for a person, or with --json one JSON document for a program.</summary>
internal sealed class Output(bool json)
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.Never,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public bool IsJson => json;

    /// <returns>Exit code 0.</returns>
    public int Done(object answer, string text)
    {
        Console.Out.WriteLine(json ? JsonSerializer.Serialize(answer, Format) : text);
        return 0;
    }

    /// <summary>What a use case came to.</summary>
    /// <returns>Exit code 0, or 1 where it did not succeed.</returns>
    public int Show<T>(Outcome<T> outcome, Func<T, (object Json, string Text)> describe)
    {
        if (!outcome.Succeeded)
        {
            return Fail(outcome.Problem.Message);
        }

        var (answer, text) = describe(outcome.Value);
        return Done(answer, text);
    }

    /// <summary>A table for a person, an array for a program.</summary>
    /// <returns>Exit code 0.</returns>
    public int List<T>(IReadOnlyList<T> rows, string nothing, params (string Title, Func<T, string> Cell)[] columns)
    {
        if (json)
        {
            return Done(rows, "");
        }

        if (rows.Count == 0)
        {
            Console.Out.WriteLine(nothing);
            return 0;
        }

        var table = new Table().Border(TableBorder.Minimal);
        foreach (var (title, _) in columns)
        {
            table.AddColumn(new TableColumn(title) { NoWrap = Console.IsOutputRedirected });
        }

        foreach (var row in rows)
        {
            table.AddRow(Array.ConvertAll(columns, column => Markup.Escape(Printable(column.Cell(row)))));
        }

        if (Console.IsOutputRedirected)
        {
            // A pipe has no width; cut columns would hide what the next program looks for.
            AnsiConsole.Profile.Width = 400;
        }

        AnsiConsole.Write(table);
        return 0;
    }

    /// <summary>One line on standard error (with --json an object on standard output too).</summary>
    /// <returns>Exit code 1.</returns>
    public int Fail(string reason)
    {
        var line = Printable(reason.ReplaceLineEndings(" "));
        if (json)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(new { error = line }, Format));
        }

        Console.Error.WriteLine("smtpy: " + line);
        return 1;
    }

    /// <summary>What strangers wrote (addresses, replies of other hosts) must not reach the terminal as control sequences.</summary>
    internal static string Printable(string text) =>
        text.Any(char.IsControl) ? string.Concat(text.Select(static c => char.IsControl(c) ? ' ' : c)) : text;
}
