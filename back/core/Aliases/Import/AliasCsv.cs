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
                    yield return new AliasCsvRow(begins, Field(address).Trim(), Field(note), Split(Field(recipients)), IsEnabled(Field(enabled).Trim()))
                    {
                        WhenDisabled = Enum.TryParse<DisabledBehaviour>(Field(disabled), ignoreCase: true, out var answer) ? answer : default,
                    };
                }

                begins = line;
            }
        }
    }

    /// <summary>addy.io separates by commas, SimpleLogin by spaces.</summary>
    private static string[] Split(string recipients) =>
        recipients.Split([' ', ',', ';'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static bool IsEnabled(string text) => text.ToLowerInvariant() is not ("false" or "0" or "no");

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
}
