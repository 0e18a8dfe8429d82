using Smtpy.Mail.Messages;

namespace Smtpy.Web.Mime;

/// <summary>The beginning of a message, as far as a page looks at it.</summary>
/// <param name="Length">Octets of the whole message.</param>
public sealed record MessagePrefix(ReadOnlyMemory<byte> Octets, long Length)
{
    /// <summary>What a message page reads at most (2 MiB). A 50 MB message costs a page no more than a 2 MB one.</summary>
    public const int PageOctets = 2 * 1024 * 1024;

    /// <summary>What the list reads of each message (64 KiB): From and Subject stand near the top.</summary>
    public const int ListOctets = 64 * 1024;

    public bool IsCut => Octets.Length < Length;

    /// <exception cref="IOException">The storage cannot be read.</exception>
    public static async Task<MessagePrefix> ReadAsync(MessageContent content, int limit, CancellationToken cancellationToken)
    {
        var octets = new byte[Math.Min(content.Length, limit)];
        var filled = 0;
        for (var part = 0; part < content.PartCount && filled < octets.Length; part++)
        {
            var read = await content.ReadPartAsync(part, cancellationToken);
            var take = Math.Min(read.Length, octets.Length - filled);
            read[..take].CopyTo(octets.AsMemory(filled));
            filled += take;
        }

        return new MessagePrefix(octets.AsMemory(0, filled), content.Length);
    }
}
