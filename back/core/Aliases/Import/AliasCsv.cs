namespace Smtpy.Core.Aliases.Import;

/// <summary>
/// Reads alias lists as addy.io, SimpleLogin and SMTPy write them: a header line that names the columns, in any order and case,
/// fields separated by commas, quoted where needed (RFC 4180). What is quoted stays as it is, other fields lose the space around them.
/// </summary>
public static class AliasCsv
{
    private static readonly string[] AddressNames = ["alias", "email", "address"];
    private static readonly string[] NoteNames = ["note", "description"];
    private static readonly string[] RecipientNames = ["recipients", "mailboxes"];
    private static readonly string[] EnabledNames = ["enabled", "active"];
    private static readonly string[] DisabledNames = ["when_disabled"];

    /// <exception cref="FormatException">There is no header line with an alias column.</exception>
    public static IEnumerable<AliasCsvRow> Read(TextReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var line = 1;
        var header = ReadRecord(reader, ref line)?.ConvertAll(static name => name.TrimStart('\uFEFF').Trim().ToLowerInvariant()) ?? [];
        int Column(string[] names) => header.FindIndex(name => names.Contains(name, StringComparer.Ordinal));
        var (address, note, recipients) = (Column(AddressNames), Column(NoteNames), Column(RecipientNames));
        var (enabled, disabled) = (Column(EnabledNames), Column(DisabledNames));
        if (address < 0)
        {
            throw new FormatException("the first line must name the columns, one of them \"alias\"; such as: alias,note,recipients");
        }

        return Rows();

        IEnumerable<AliasCsvRow> Rows()
        {
            var begins = line;
            while (ReadRecord(reader, ref line) is { } fields)
            {
                string Field(int column) => column >= 0 && column < fields.Count ? CellGuard.Remove(fields[column]) : "";
                if (fields.Exists(static field => !string.IsNullOrWhiteSpace(field)))
                {
                    var (isEnabled, answer) = (IsEnabled(Field(enabled)), Answer(Field(disabled)));
                    yield return new AliasCsvRow(begins, Field(address).Trim(), Field(note), Split(Field(recipients)), isEnabled ?? true)
                    {
                        WhenDisabled = answer ?? default,
                        Problem = isEnabled is null ? $"enabled \"{Field(enabled)}\" is neither true nor false"
                            : answer is null ? $"when_disabled \"{Field(disabled)}\" is none of discard, refuse, defer"
                            : null,
                    };
                }

                begins = line;
            }
        }
    }

    /// <summary>addy.io separates by commas, SimpleLogin by spaces.</summary>
    private static string[] Split(string recipients) =>
        recipients.Split([' ', ',', ';'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <returns>Null where it says neither; no word says yes.</returns>
    private static bool? IsEnabled(string text) => text.Trim().ToLowerInvariant() switch
    {
        "" or "true" or "1" or "yes" => true,
        "false" or "0" or "no" => false,
        _ => null,
    };

    private static DisabledBehaviour? Answer(string text) => text.Trim().ToLowerInvariant() switch
    {
        "" or "discard" => DisabledBehaviour.Discard,
        "refuse" => DisabledBehaviour.Refuse,
        "defer" => DisabledBehaviour.Defer,
        _ => null,
    };

    private static List<string>? ReadRecord(TextReader reader, ref int line)
    {
        if (reader.Peek() < 0)
        {
            return null;
        }

        var fields = new List<string>();
        var field = new CsvField();
        for (var next = reader.Read(); next >= 0; next = reader.Read())
        {
            var c = (char)next;
            line += c == '\n' ? 1 : 0;
            if (field.IsOpen || c is not (',' or '\n' or '\r'))
            {
                if (field.Add(c, reader.Peek()))
                {
                    _ = reader.Read();
                }
            }
            else if (c == ',')
            {
                fields.Add(field.Take());
            }
            else if (c == '\n')
            {
                break;
            }
        }

        fields.Add(field.Take());
        return fields;
    }
}

/// <param name="Line">Line of the file it begins on, from 1.</param>
/// <param name="Recipients">Empty: the domain's default recipient.</param>
public sealed record AliasCsvRow(int Line, string Address, string Note, IReadOnlyList<string> Recipients, bool Enabled)
{
    public DisabledBehaviour WhenDisabled { get; init; }

    /// <summary>Why the row cannot be used; null where it can.</summary>
    public string? Problem { get; init; }
}
