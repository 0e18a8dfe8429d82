using System.Buffers;
using System.Text;
using Smtpy.Mail.Headers;
using Smtpy.Mail.Mime;

namespace Smtpy.Mail.Rewriting;

/// <summary>Where an address was found.</summary>
/// <param name="Where">For the owner to read: "header field Subject", "part text/html", "signed or encrypted part".</param>
public sealed record Trace(string Where);

/// <summary>
/// Looks through a message for private addresses as a contact could: raw, in encoded words and parameters of every header, in
/// each part with its transfer encoding undone, in boundaries, and in what is signed.
/// </summary>
public static class TraceFinder
{
    /// <summary>Traces reported of one message: one is reason enough to act.</summary>
    public const int Most = 20;

    public static IReadOnlyList<Trace> Find(ReadOnlySpan<byte> message, TraceSet traces)
    {
        ArgumentNullException.ThrowIfNull(traces);
        var finder = new Finder(traces);
        finder.Rewrite(message);
        if (finder.Found.Count == 0 && traces.ContainsPrivate(message))
        {
            finder.Found.Add(new Trace("message source"));
        }

        return finder.Found;
    }

    private sealed class Finder(TraceSet traces) : EntityRewriter
    {
        public List<Trace> Found { get; } = [];

        protected override void Fields(ReadOnlySpan<byte> header, EntityHead head, string? newBoundary, IBufferWriter<byte> output)
        {
            foreach (var field in new HeaderBlock(header))
            {
                if (HeaderTraces.Contains(field, traces, privateOnly: true))
                {
                    Report("header field " + Encoding.ASCII.GetString(field.Name));
                }
            }

            if (SaysTwice(header))
            {
                Report("part that says twice what it is");
            }
            else if (head.IsOpaque)
            {
                Report("part whose encoding cannot be undone: " + head.Type);
            }
        }

        protected override void Unsearched(ReadOnlySpan<byte> entity) => Report("part that is nested too deep, or one of too many");

        protected override void Gap(ReadOnlySpan<byte> octets, IBufferWriter<byte> output)
        {
            if (traces.ContainsPrivate(octets))
            {
                Report("text between the parts");
            }
        }

        protected override string? Boundary(string boundary)
        {
            if (traces.ContainsPrivate(Encoding.Latin1.GetBytes(boundary)))
            {
                Report("boundary");
            }

            return null;
        }

        protected override void Protected(ReadOnlySpan<byte> entity)
        {
            // What is encrypted tells nothing; what is signed is looked at part by part.
            var inside = new Inside(traces);
            inside.Rewrite(entity);
            if (inside.IsFound || traces.ContainsPrivate(entity))
            {
                Report("signed or encrypted part");
            }
        }

        protected override ReadOnlyMemory<byte>? Leaf(EntityHead head, ReadOnlySpan<byte> body, out TransferKind transfer)
        {
            transfer = head.Transfer;
            if (Leaks(head, body, traces))
            {
                Report("part " + head.Type);
            }

            return null;
        }

        private void Report(string where)
        {
            if (Found.Count < Most)
            {
                Found.Add(new Trace(where));
            }
        }
    }

    /// <summary>The parts of a signed entity.</summary>
    private sealed class Inside(TraceSet traces) : EntityRewriter
    {
        public bool IsFound { get; private set; }

        protected override bool OpensProtected => true;

        protected override void Unsearched(ReadOnlySpan<byte> entity) => IsFound = true;

        protected override void Fields(ReadOnlySpan<byte> header, EntityHead head, string? newBoundary, IBufferWriter<byte> output)
        {
            foreach (var field in new HeaderBlock(header))
            {
                IsFound |= HeaderTraces.Contains(field, traces, privateOnly: true);
            }

            IsFound |= head.IsOpaque || SaysTwice(header);
        }

        protected override ReadOnlyMemory<byte>? Leaf(EntityHead head, ReadOnlySpan<byte> body, out TransferKind transfer)
        {
            transfer = head.Transfer;
            IsFound |= Leaks(head, body, traces);
            return null;
        }
    }

    /// <summary>Which of two a reader believes, nobody knows; nor what it makes of a part in the wrong encoding.</summary>
    private static bool SaysTwice(ReadOnlySpan<byte> header)
    {
        var (types, encodings) = (0, 0);
        foreach (var field in new HeaderBlock(header))
        {
            types += field.Is("Content-Type"u8) ? 1 : 0;
            encodings += field.Is("Content-Transfer-Encoding"u8) ? 1 : 0;
        }

        return types > 1 || encodings > 1;
    }

    private static bool Leaks(EntityHead head, ReadOnlySpan<byte> body, TraceSet traces)
    {
        // Also the octets as they stand: a wrong transfer encoding hides nothing from who reads the source.
        var text = PartText.Read(head, body).Octets;

        // By what it is, not by what it is called: programs attach calendars as files.
        if ((head.HasFoldedLines || text.AsSpan().IndexOf("BEGIN:V"u8) >= 0) && traces.ContainsPrivate(FoldedLines.Unfold(text)))
        {
            return true;
        }

        if (head.IsText && ShownText.Of(text) is { } shown && traces.ContainsPrivate(shown))
        {
            return true;
        }

        // The armour of a key hides its user's address from a reader of the source, and from nobody who imports it.
        if (ArmoredText.Decode(text) is { IsEmpty: false } armored && traces.ContainsPrivate(armored))
        {
            return true;
        }

        return traces.ContainsPrivate(text) || (head.Transfer != TransferKind.Identity && traces.ContainsPrivate(body)) || ContainsWide(head, text, traces);
    }

    /// <summary>Binary formats of office programs hold their text in UTF-16.</summary>
    private static bool ContainsWide(EntityHead head, ReadOnlySpan<byte> octets, TraceSet traces)
    {
        if (head.IsText || !octets.Contains((byte)0))
        {
            return false;
        }

        var narrow = new byte[octets.Length];
        var length = 0;
        foreach (var octet in octets)
        {
            if (octet != 0)
            {
                narrow[length++] = octet;
            }
        }

        return traces.ContainsPrivate(narrow.AsSpan(0, length));
    }
}
