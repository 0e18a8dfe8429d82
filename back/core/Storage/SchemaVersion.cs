namespace Smtpy.Core.Storage;

/// <summary>
/// What a program knows of the schema. Migrations expand first and contract later, so an older program goes on working on a
/// database that a newer one has migrated, until a migration takes away what it needs.
/// </summary>
/// <param name="Latest">Id of the last migration it knows.</param>
/// <param name="OldestProgram">
/// <see cref="Latest"/> of the oldest program that still works on this schema: raised by a migration that drops or renames
/// something, to the first one whose program does not use it any more.
/// </param>
public sealed record ProgramSchema(string Latest, string OldestProgram);

/// <summary>What a database says of itself.</summary>
/// <param name="Applied">Id of the last migration applied; null for an empty database.</param>
/// <param name="OldestProgram">What the newest program that migrated it has put down; null where none has.</param>
public readonly record struct SchemaVersion(string? Applied, string? OldestProgram)
{
    /// <summary>
    /// Where a migrator notes the oldest program. Like the list of migrations it is no part of the model: it must be readable
    /// whatever the model has become.
    /// </summary>
    internal const string Table = "schema_compatibility";

    internal const string ReadOldestProgram = "SELECT max(oldest_program) FROM " + Table;

    /// <summary>True where the program can work on the database as it is.</summary>
    public bool Serves(ProgramSchema program) => string.CompareOrdinal(Applied, program.Latest) switch
    {
        0 => true,
        < 0 => false,
        _ => OldestProgram is not null && string.CompareOrdinal(program.Latest, OldestProgram) >= 0,
    };

    /// <summary>True where the program has migrations that the database lacks.</summary>
    public bool IsBehind(ProgramSchema program) => string.CompareOrdinal(Applied, program.Latest) < 0;
}
