using System.Runtime.InteropServices;
using System.Text;
using MimeKit;
using MimeKit.IO;
using Smtpy.Web.Rendering;

namespace Smtpy.Web.Mime;

/// <param name="Name">File name, or null where the part has none.</param>
/// <param name="Size">Octets when decoded.</param>
public sealed record Attachment(string? Name, string Type, long Size);

/// <summary>What a message says, by its MIME structure.</summary>
/// <param name="Text">Its inline text/plain parts; else the text of its HTML; null where it has neither.</param>
/// <param name="Html">Its first inline text/html part, as sent (not safe to show); null where there is none.</param>
/// <param name="Understood">False: the octets are not a message that can be parsed.</param>
public sealed record MimePreview(
    string? Text, bool TextIsFromHtml, bool TextIsCut, string? Html, IReadOnlyList<Attachment> Attachments, int AttachmentCount,
    bool Understood)
{
    /// <summary>Characters of text shown at most.</summary>
    public const int MaxTextCharacters = 1_000_000;

    /// <summary>Attachments listed at most.</summary>
    public const int MaxAttachments = 200;

    private static readonly MimePreview Nothing = new(null, false, false, null, [], 0, Understood: false);

    /// <summary>Images for the HTML's <c>cid:</c> references; filled by <see cref="Read"/>.</summary>
    public InlineImages Images { get; private init; } = InlineImages.None;

    public static MimePreview Read(ReadOnlyMemory<byte> octets, CancellationToken cancellationToken)
    {
        // Nesting is recursion in whoever walks the tree; nobody nests 50 deep honestly.
        var options = new ParserOptions { MaxMimeDepth = 50 };
        try
        {
            using var stream = AsStream(octets);
            using var message = MimeMessage.Load(options, stream, persistent: true, cancellationToken);
            return Describe(message, cancellationToken);
        }
        catch (FormatException)
        {
            return Nothing;
        }
    }

    private static MemoryStream AsStream(ReadOnlyMemory<byte> octets) =>
        MemoryMarshal.TryGetArray(octets, out var segment)
            ? new MemoryStream(segment.Array!, segment.Offset, segment.Count, writable: false)
            : new MemoryStream(octets.ToArray(), writable: false);

    private static MimePreview Describe(MimeMessage message, CancellationToken cancellationToken)
    {
        var plain = new StringBuilder();
        TextPart? html = null;
        var hasPlain = false;
        var others = new List<MimeEntity>();
        foreach (var part in message.BodyParts)
        {
            if (part is TextPart { IsAttachment: false, IsPlain: true } text)
            {
                plain.Append(hasPlain ? "\n\n" : string.Empty).Append(text.Text);
                hasPlain = true;
            }
            else if (html is null && part is TextPart { IsAttachment: false, IsHtml: true } markup)
            {
                html = markup;
            }
            else
            {
                others.Add(part);
            }
        }

        var source = html?.Text;
        var shown = hasPlain ? plain.ToString() : source is null ? null : HtmlToText.Convert(source);
        return new MimePreview(
            shown is null ? null : Display.Visible(Display.Shorten(shown, MaxTextCharacters)),
            !hasPlain && source is not null,
            shown?.Length > MaxTextCharacters,
            source,
            [.. others.Take(MaxAttachments).Select(part => ToAttachment(part, cancellationToken))],
            others.Count,
            Understood: true)
        {
            Images = source is null ? InlineImages.None : InlineImages.Collect(others, cancellationToken),
        };
    }

    private static Attachment ToAttachment(MimeEntity entity, CancellationToken cancellationToken)
    {
        var name = entity.ContentDisposition?.FileName ?? entity.ContentType.Name ?? (entity as MessagePart)?.Message?.Subject;
        using var measure = new MeasuringStream();
        if (entity is MimePart part)
        {
            part.Content?.DecodeTo(measure, cancellationToken);
        }
        else
        {
            entity.WriteTo(measure, contentOnly: true, cancellationToken);
        }

        return new Attachment(
            string.IsNullOrWhiteSpace(name) ? null : Display.Visible(Display.Shorten(name, 200)),
            Display.Visible(Display.Shorten(entity.ContentType.MimeType, 100)),
            measure.Length);
    }
}
