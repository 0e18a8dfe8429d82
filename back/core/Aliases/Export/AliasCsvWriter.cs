using Smtpy.Core.Aliases.Import;

namespace Smtpy.Core.Aliases.Export;

/// <summary>Writes the alias list that <see cref="AliasCsv"/> reads again, in the columns that SimpleLogin imports too (RFC 4180).</summary>
public static class AliasCsvWriter
{
    private const string LineEnd = "\r\n";

    public static async Task WriteAsync(TextWriter writer, IEnumerable<ExportedAlias> aliases, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(aliases);
        await writer.WriteAsync(("alias,note,recipients,enabled,when_disabled" + LineEnd).AsMemory(), cancellationToken);
        foreach (var alias in aliases)
        {
            string[] fields =
            [
                alias.Address, alias.Description, string.Join(' ', alias.Recipients), alias.Enabled ? "true" : "false",
                alias.DisabledBehaviour.ToString().ToLowerInvariant(),
            ];
            await writer.WriteAsync((string.Join(',', fields.Select(Field)) + LineEnd).AsMemory(), cancellationToken);
        }
    }

    /// <summary>Quoted where a reader would else cut or trim it.</summary>
    private static string Field(string text)
    {
        var guarded = CellGuard.Put(text);
        var plain = guarded.AsSpan().IndexOfAny(",\"\r\n") < 0 && guarded.AsSpan().Trim().Length == guarded.Length;
        return plain ? guarded : '"' + guarded.Replace("\"", "\"\"", StringComparison.Ordinal) + '"';
    }
}
