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

    /// <summary>A pipe has no width of its own; this is what a wide terminal has.</summary>
    private const int PipeWidth = 160;

    public bool IsJson => json;

    /// <returns>Exit code 0.</returns>
    public int Done(object answer, string text)
    {
        Console.Out.WriteLine(json ? ToJson(answer) : text);
        return 0;
    }

    /// <summary>As all commands write it.</summary>
    public static string ToJson(object document) => JsonSerializer.Serialize(document, Format);

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
    public int List<T>(IReadOnlyList<T> rows, string nothing, params (string Title, Func<T, string> Cell)[] columns) =>
        List(rows, nothing, null, columns);

    /// <param name="freeText">Title of the column that is shortened where the table is too wide; null for none.</param>
    /// <inheritdoc cref="List{T}(IReadOnlyList{T}, string, ValueTuple{string, Func{T, string}}[])"/>
    public int List<T>(IReadOnlyList<T> rows, string nothing, string? freeText, params (string Title, Func<T, string> Cell)[] columns)
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

        var cells = rows.Select(row => Array.ConvertAll(columns, column => Printable(column.Cell(row)))).ToArray();
        var table = new TextTable(Array.ConvertAll(columns, static column => column.Title), cells, freeText);
        Console.Out.WriteLine(table.Fit(Console.IsOutputRedirected ? PipeWidth : AnsiConsole.Profile.Width));
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

    /// <summary>"1 alias", "2 aliases".</summary>
    internal static string Count(long count, string one, string more) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{count} {(count == 1 ? one : more)}");

    /// <summary>What strangers wrote (addresses, replies of other hosts) must not reach the terminal as control sequences.</summary>
    internal static string Printable(string text) =>
        text.Any(char.IsControl) ? string.Concat(text.Select(static c => char.IsControl(c) ? ' ' : c)) : text;
}
