using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Smtpy.Core.Backups;

namespace Smtpy.Core.Tests.Backups;

/// <summary>A file that says it is a backup: whatever is in it, nothing is written but what its manifest lists and its hashes prove.</summary>
public sealed class HostileBackupTests
{
    private static readonly byte[] Octets = Encoding.ASCII.GetBytes("the database");

    [Fact]
    public async Task A_whole_one_is_read()
    {
        Assert.Equal(["secret.key", "keys/a-1.xml", "smtpy.db"], await ReadAsync(Make(["secret.key", "keys/a-1.xml", "smtpy.db"])));
    }

    [Theory]
    [InlineData("../smtpy.db")]
    [InlineData("/etc/passwd")]
    [InlineData("keys/../../x.xml")]
    [InlineData("keys/.xml")]
    [InlineData("keys/a/b.xml")]
    [InlineData("keys\\a.xml")]
    [InlineData("keys")]
    [InlineData("smtpy.db.lock")]
    [InlineData("restoring.json")]
    [InlineData("SMTPY.DB")]
    [InlineData("")]
    public async Task A_name_that_we_do_not_write_is_refused(string name)
    {
        Assert.False(BackupContents.IsKnown(name));
        Assert.Contains("manifest is damaged", await RefusalAsync(Make([name, "smtpy.db"])), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("the manifest says of another product", "not made by", "{\"product\":\"other\",\"format\":1}")]
    [InlineData("it is of a later format", "newer version", "{\"product\":\"smtpy\",\"format\":2,\"entries\":7}")]
    [InlineData("it has no entries", "damaged", "{\"product\":\"smtpy\",\"format\":1,\"program\":\"0\",\"holds\":{}}")]
    [InlineData("it is no JSON", "not made by", "{\"product\":")]
    [InlineData("it is null", "not made by", "null")]
    [InlineData("an entry is null", "damaged", "{\"product\":\"smtpy\",\"format\":1,\"program\":\"0\",\"holds\":{},\"entries\":[null]}")]
    public async Task A_manifest_that_is_not_ours_is_refused(string what, string expected, string manifest)
    {
        Assert.NotEmpty(what);
        Assert.Contains(expected, await RefusalAsync(Tar(tar => Add(tar, BackupManifest.Name, Encoding.UTF8.GetBytes(manifest)))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_octets_than_the_manifest_says_are_refused() =>
        Assert.Contains("SHA-256", await RefusalAsync(Make(["smtpy.db"], written: static (_, _) => Encoding.ASCII.GetBytes("THE DATABASE"))), StringComparison.Ordinal);

    [Fact]
    public async Task More_octets_or_entries_than_the_manifest_says_are_refused()
    {
        Assert.Contains("as its manifest says", await RefusalAsync(Make(["smtpy.db"], written: static (_, octets) => [.. octets, 0])), StringComparison.Ordinal);
        Assert.Contains("more than", await RefusalAsync(Make(["smtpy.db"], more: static tar => Add(tar, "secret.key", Octets))), StringComparison.Ordinal);
        Assert.Contains("as its manifest says", await RefusalAsync(Make(["secret.key", "smtpy.db"], written: static (name, octets) => name == "secret.key" ? null : octets)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_in_the_place_of_a_file_is_refused()
    {
        var link = Make(["smtpy.db"], written: static (_, _) => null, more: static tar =>
            tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "smtpy.db") { LinkName = "/etc/passwd" }));
        Assert.Contains("no file", await RefusalAsync(link), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_header_that_unpacks_to_gigabytes_is_not_gathered_in_memory()
    {
        var bomb = Tar(static tar => tar.WriteEntry(new PaxTarEntry(
            TarEntryType.RegularFile, BackupManifest.Name, [new KeyValuePair<string, string>("comment", new string('x', 50_000_000))])));
        Assert.True(bomb.Length < 100_000);
        Assert.Contains("not made by", await RefusalAsync(bomb), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_cut_short_anywhere_is_refused()
    {
        var whole = Make(["secret.key", "smtpy.db"]);
        for (var length = 0; length < whole.Length; length++)
        {
            await RefusalAsync(whole[..length]);
        }
    }

    /// <summary>Anything else that comes out than a refusal, or files that hash as they should, is a fault of the reader.</summary>
    [Fact]
    public void A_file_with_any_octets_changed_is_refused_or_says_the_same()
    {
        var whole = Make(["secret.key", "smtpy.db"]);
        var plain = Unzipped(whole);
        Prop.ForAll(
            ArbMap.Default.ArbFor<NonEmptyArray<(int At, byte Value)>>(),
            changes => IsRefusedOrSame(Changed(whole, changes.Get)) && IsRefusedOrSame(Zipped(Changed(plain, changes.Get)))).QuickCheckThrowOnFailure();
    }

    private static bool IsRefusedOrSame(byte[] file)
    {
        try
        {
            return ReadAsync(file).GetAwaiter().GetResult() is ["secret.key", "smtpy.db"];
        }
        catch (InvalidDataException)
        {
            return true;
        }
    }

    private static byte[] Changed(byte[] octets, (int At, byte Value)[] changes)
    {
        byte[] changed = [.. octets];
        foreach (var (at, value) in changes)
        {
            changed[(int)((uint)(at * 7919) % changed.Length)] = value;
        }

        return changed;
    }

    /// <returns>The names of what was written.</returns>
    private static async Task<List<string>> ReadAsync(byte[] file)
    {
        using var stream = new MemoryStream(file);
        await using var reader = await BackupReader.OpenAsync(stream, CancellationToken.None);
        var names = new List<string>();
        await reader.ReadAsync(
            entry =>
            {
                names.Add(entry.Name);
                return new MemoryStream();
            },
            CancellationToken.None);
        return names;
    }

    private static async Task<string> RefusalAsync(byte[] file) => (await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync(file))).Message;

    /// <param name="written">What is written instead of what the manifest says; null: nothing.</param>
    private static byte[] Make(string[] names, Func<string, byte[], byte[]?>? written = null, Action<TarWriter>? more = null) => Tar(tar =>
    {
        var entries = names.Select(static name => new BackupEntry(name, Octets.Length, Convert.ToHexStringLower(SHA256.HashData(Octets)))).ToList();
        var manifest = new BackupManifest(BackupManifest.OurProduct, 1, "0.1.0", null, null, DateTimeOffset.UnixEpoch, null, new BackupCounts(0, 0, 0, 0), entries);
        Add(tar, BackupManifest.Name, manifest.ToOctets());
        foreach (var name in names)
        {
            if ((written is null ? Octets : written(name, Octets)) is { } octets)
            {
                Add(tar, name.Length > 0 ? name : "x", octets);
            }
        }

        more?.Invoke(tar);
    });

    private static void Add(TarWriter tar, string name, byte[] octets) =>
        tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(octets), ModificationTime = DateTimeOffset.UnixEpoch });

    private static byte[] Tar(Action<TarWriter> write)
    {
        using var octets = new MemoryStream();
        using (var gzip = new GZipStream(octets, CompressionLevel.Optimal, leaveOpen: true))
        using (var tar = new TarWriter(gzip, TarEntryFormat.Pax))
        {
            write(tar);
        }

        return octets.ToArray();
    }

    private static byte[] Zipped(byte[] plain)
    {
        using var octets = new MemoryStream();
        using (var gzip = new GZipStream(octets, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(plain);
        }

        return octets.ToArray();
    }

    private static byte[] Unzipped(byte[] file)
    {
        using var gzip = new GZipStream(new MemoryStream(file), CompressionMode.Decompress);
        using var octets = new MemoryStream();
        gzip.CopyTo(octets);
        return octets.ToArray();
    }
}
