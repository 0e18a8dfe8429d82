using System.Text.Json;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Backups;

/// <summary>The first entry of a backup: who made it, when and of what, and what follows it.</summary>
/// <param name="Product">Always <see cref="OurProduct"/>.</param>
/// <param name="Format">Of the backup; raised by a change that older programs could not read.</param>
/// <param name="Program">Version of the program that made it.</param>
/// <param name="Migration">Last one applied to the database.</param>
/// <param name="OldestProgram">As <see cref="SchemaVersion.OldestProgram"/>.</param>
/// <param name="SecretCheck">Tells whether a SECRET_KEY is the one it was made with, and nothing else of it.</param>
/// <param name="Holds">What is in the database.</param>
/// <param name="Entries">All that follow, in this order, the database last.</param>
public sealed record BackupManifest(
    string Product, int Format, string Program, string? Migration, string? OldestProgram, DateTimeOffset MadeAt, string? SecretCheck,
    BackupCounts? Holds, IReadOnlyList<BackupEntry> Entries)
{
    public const string Name = "manifest.json";
    public const string OurProduct = "smtpy";
    public const int CurrentFormat = 1;

    /// <summary>Octets of a manifest: a thousand entries have room in it.</summary>
    public const int Largest = 1024 * 1024;

    /// <summary>Octets of an entry that is not the database: keys and certificates have some thousands.</summary>
    public const long LargestFile = 1024 * 1024;

    private const int MostEntries = 1000;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
    };

    public SchemaVersion Schema => new(Migration, OldestProgram);

    public byte[] ToOctets() => JsonSerializer.SerializeToUtf8Bytes(this, Json);

    /// <exception cref="InvalidDataException">It is not ours, or of a newer format, or makes no sense.</exception>
    public static BackupManifest Parse(ReadOnlySpan<byte> octets)
    {
        try
        {
            // Only these two mean the same in every format there will be.
            var head = JsonSerializer.Deserialize<Head>(octets, Json);
            if (head?.Product != OurProduct || head.Format < 1)
            {
                throw new InvalidDataException("it was not made by smtpy backup");
            }

            if (head.Format > CurrentFormat)
            {
                throw new InvalidDataException($"a newer version of SMTPy made it (format {head.Format}); update SMTPy");
            }

            var manifest = JsonSerializer.Deserialize<BackupManifest>(octets, Json)!;
            return manifest.MakesSense() ? manifest : throw new InvalidDataException("its manifest is damaged");
        }
        catch (JsonException failure)
        {
            throw new InvalidDataException("it was not made by smtpy backup", failure);
        }
    }

    private bool MakesSense() => Program is not null && Holds is not null && Entries is { Count: > 0 and <= MostEntries }
        && Entries.All(static e => e is { Size: >= 0, Sha256.Length: 64 } && BackupContents.IsKnown(e.Name))
        && Entries.Take(Entries.Count - 1).All(static e => e.Size <= LargestFile)
        && Entries.DistinctBy(static e => e.Name).Count() == Entries.Count && Entries[^1].Name == BackupContents.Database;

    private sealed record Head(string? Product, int Format);
}

/// <param name="Size">In octets.</param>
/// <param name="Sha256">Hexadecimal, lower case.</param>
public sealed record BackupEntry(string Name, long Size, string Sha256);

/// <param name="Waiting">Deliveries that were queued.</param>
public sealed record BackupCounts(long Accounts, long Domains, long Aliases, long Waiting);
