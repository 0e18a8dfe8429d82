using System.Buffers;
using System.Buffers.Binary;
using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;

namespace Smtpy.Core.Backups;

/// <summary>
/// Reads a backup from its beginning to its end. It may come from anywhere: nothing of it is believed but what its manifest says, in the
/// order in which it says it, and each entry's hash.
/// </summary>
public sealed class BackupReader : IAsyncDisposable
{
    /// <summary>Octets of header before an entry: those we write have 2,048.</summary>
    private const int MostHeader = 64 * 1024;

    /// <summary>Octets behind the last entry: two empty blocks, filled up to a record of 20.</summary>
    private const int MostTrailer = 64 * 1024;

    private readonly Stream _file;
    private readonly GZipStream _gzip;
    private readonly MeteredStream _metered;
    private readonly TarReader _tar;

    private BackupReader(Stream file)
    {
        _file = file;
        _gzip = new GZipStream(file, CompressionMode.Decompress, leaveOpen: true);
        _metered = new MeteredStream(_gzip);
        _tar = new TarReader(_metered, leaveOpen: true);
    }

    public BackupManifest Manifest { get; private set; } = null!;

    /// <param name="file">From its beginning, seekable; stays open.</param>
    /// <exception cref="InvalidDataException">It is no backup of ours that this version reads; the message says why.</exception>
    public static async Task<BackupReader> OpenAsync(Stream file, CancellationToken cancellationToken)
    {
        var reader = new BackupReader(file);
        try
        {
            reader.Manifest = await reader.ReadManifestAsync(cancellationToken);
            return reader;
        }
        catch
        {
            await reader.DisposeAsync();
            throw;
        }
    }

    /// <summary>Reads everything behind the manifest. Nothing that was written counts before this has returned.</summary>
    /// <param name="open">Where an entry's octets go.</param>
    /// <exception cref="InvalidDataException">It is damaged, cut short, or holds something else than its manifest says.</exception>
    public async Task ReadAsync(Func<BackupEntry, Stream> open, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(open);
        foreach (var expected in Manifest.Entries)
        {
            var entry = await NextAsync(cancellationToken);
            if (entry?.Name != expected.Name || entry.Length != expected.Size)
            {
                throw new InvalidDataException($"{expected.Name} is not in it as its manifest says");
            }

            await using var target = open(expected);
            var (copied, hash) = await CopyAsync(entry, target, cancellationToken);
            if (copied < expected.Size)
            {
                throw new InvalidDataException($"it is cut short: {expected.Name} ends after {copied} of {expected.Size} octets");
            }

            if (hash != expected.Sha256)
            {
                throw new InvalidDataException($"{expected.Name} in it is damaged (its SHA-256 is another)");
            }
        }

        if (await NextAsync(cancellationToken) is not null)
        {
            throw new InvalidDataException("it holds more than its manifest says");
        }

        await ReadTrailerAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _tar.DisposeAsync();
        await _metered.DisposeAsync();
        await _gzip.DisposeAsync();
    }

    private async Task<BackupManifest> ReadManifestAsync(CancellationToken cancellationToken)
    {
        const string foreign = "it was not made by smtpy backup, or its beginning is damaged";
        using var octets = new MemoryStream();
        try
        {
            var entry = await NextAsync(cancellationToken);
            if (entry?.Name != BackupManifest.Name || entry.Length > BackupManifest.Largest)
            {
                throw new InvalidDataException(foreign);
            }

            await CopyAsync(entry, octets, cancellationToken);
        }
        catch (InvalidDataException failure)
        {
            throw new InvalidDataException(foreign, failure);
        }

        return BackupManifest.Parse(octets.GetBuffer().AsSpan(0, (int)octets.Length));
    }

    /// <summary>
    /// The last four octets say how many there were before compression (RFC 1952 section 2.3.1): the framework takes a stream that is cut
    /// off for one that is at its end.
    /// </summary>
    private async Task ReadTrailerAsync(CancellationToken cancellationToken)
    {
        var octets = new byte[4096];
        _metered.Allow(MostTrailer);
        while (await Guard(() => _metered.ReadAsync(octets, cancellationToken).AsTask()) > 0)
        {
        }

        var size = octets.AsMemory(0, sizeof(uint));
        _file.Seek(-size.Length, SeekOrigin.End);
        await _file.ReadExactlyAsync(size, cancellationToken);
        if (BinaryPrimitives.ReadUInt32LittleEndian(size.Span) != (uint)_metered.Total)
        {
            throw new InvalidDataException("it is cut short");
        }
    }

    private async Task<TarEntry?> NextAsync(CancellationToken cancellationToken)
    {
        _metered.Allow(MostHeader);
        var entry = await Guard(() => _tar.GetNextEntryAsync(copyData: false, cancellationToken).AsTask());
        return entry is null or { EntryType: TarEntryType.RegularFile or TarEntryType.V7RegularFile }
            ? entry
            : throw new InvalidDataException("it holds something that is no file");
    }

    /// <returns>How many octets were copied, and their SHA-256.</returns>
    private async Task<(long Octets, string Hash)> CopyAsync(TarEntry entry, Stream target, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(128 * 1024);
        try
        {
            // And what fills the last block up.
            _metered.Allow(entry.Length + MostHeader);
            var copied = 0L;
            for (int read; entry.DataStream is { } data && (read = await Guard(() => data.ReadAsync(buffer, cancellationToken).AsTask())) > 0;)
            {
                hash.AppendData(buffer, 0, read);
                await target.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                copied += read;
            }

            return (copied, Convert.ToHexStringLower(hash.GetHashAndReset()));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>What the framework's readers throw at octets that make no sense. A disk that fails is something else.</summary>
    private static async Task<T> Guard<T>(Func<Task<T>> read)
    {
        try
        {
            return await read();
        }
        catch (Exception senseless) when (senseless is InvalidDataException or EndOfStreamException or FormatException or ArgumentException
            or OverflowException or NotSupportedException or InvalidOperationException)
        {
            throw new InvalidDataException("it is damaged or cut short", senseless);
        }
    }
}
