using System.Text;
using Smtpy.Mail.Headers;

namespace Smtpy.Mail.Encryption;

/// <summary>
/// Divides a message into what stays outside and what is encrypted, writing both from the original octets. Without header
/// protection the inside is the Content-* fields and the body, unchanged. With it (RFC 9788) the fields people read are there
/// too, with HP-Outer saying what stands outside, and Content-Type is marked hp="cipher" for readers of that RFC and
/// protected-headers="v1" for those of the draft (draft-autocrypt-lamps-protected-headers) that came before it.
/// </summary>
/// <param name="concealedSubject">What replaces the outer Subject; null for no header protection.</param>
internal readonly struct MessagePayload(ReadOnlyMemory<byte> message, string? concealedSubject)
{
    // So that a long message can be cancelled on its way.
    private const int Slice = 64 * 1024;

    private static ReadOnlySpan<byte> Marks => ";\r\n\tprotected-headers=\"v1\"; hp=\"cipher\"\r\n"u8;

    public ReadOnlyMemory<byte> Octets { get; } = message;

    public int HeaderLength { get; } = new HeaderBlock(message.Span).Length;

    /// <summary>
    /// Whether every line of the header belongs to a field: others are content to some readers, so they could neither stay
    /// outside nor be part of a header inside. The "From " line of a mailbox file at the beginning is let pass.
    /// </summary>
    public bool IsWellFormed
    {
        get
        {
            var first = true;
            foreach (var line in new HeaderBlock(Octets.Span))
            {
                if (line.Name.IsEmpty && !(first && line.Raw.StartsWith("From "u8)))
                {
                    return false;
                }

                first = false;
            }

            return true;
        }
    }

    /// <summary>The fields that stay readable, ended by MIME-Version; the encrypted form's own Content-Type is to follow.</summary>
    public void WriteOuterFields(Stream output)
    {
        var (hasVersion, subjects) = (false, 0);
        foreach (var field in new HeaderBlock(Octets.Span))
        {
            if (IsContent(field) || (concealedSubject is not null && RepeatsSubject(field)))
            {
                continue;
            }

            hasVersion |= field.Is("MIME-Version"u8);
            if (concealedSubject is null || !field.Is("Subject"u8))
            {
                WriteField(output, field.Raw);
            }
            else if (subjects++ == 0)
            {
                output.Write(Encoding.UTF8.GetBytes($"Subject: {concealedSubject}\r\n"));
            }
        }

        if (!hasVersion)
        {
            output.Write("MIME-Version: 1.0\r\n"u8);
        }
    }

    /// <summary>What is to be encrypted: a complete MIME entity.</summary>
    public void Write(Stream encrypted, CancellationToken cancellationToken)
    {
        var typed = false;
        foreach (var field in new HeaderBlock(Octets.Span))
        {
            var isType = !typed && field.Is("Content-Type"u8);
            typed |= isType;
            if (isType && concealedSubject is not null)
            {
                encrypted.Write(field.Raw.TrimEnd("; \t\r\n"u8));
                encrypted.Write(Marks);
            }
            else if (IsContent(field))
            {
                WriteField(encrypted, field.Raw);
            }
            else if (concealedSubject is not null)
            {
                WriteProtected(encrypted, field);
            }
        }

        if (!typed && concealedSubject is not null)
        {
            encrypted.Write("Content-Type: text/plain"u8);
            encrypted.Write(Marks);
        }

        WriteBody(encrypted, cancellationToken);
    }

    private void WriteBody(Stream encrypted, CancellationToken cancellationToken)
    {
        var body = Octets[HeaderLength..];
        if (body.IsEmpty)
        {
            encrypted.Write("\r\n"u8);
        }

        while (!body.IsEmpty)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var slice = body[..Math.Min(Slice, body.Length)];
            encrypted.Write(slice.Span);
            body = body[slice.Length..];
        }
    }

    // RFC 9788 section 2.2: HP-Outer repeats what stands outside, so that a reader sees what was confidential.
    private void WriteProtected(Stream encrypted, HeaderField field)
    {
        if (RepeatsSubject(field))
        {
            WriteField(encrypted, field.Raw);
        }
        else if (field.Is("Subject"u8))
        {
            WriteField(encrypted, field.Raw);
            encrypted.Write(Encoding.UTF8.GetBytes($"HP-Outer: Subject: {concealedSubject}\r\n"));
        }
        else if (IsReadByPeople(field))
        {
            WriteField(encrypted, field.Raw);
            encrypted.Write("HP-Outer: "u8);
            WriteField(encrypted, field.Raw);
        }
    }

    private static void WriteField(Stream output, ReadOnlySpan<byte> raw)
    {
        output.Write(raw.TrimEnd("\r\n"u8));
        output.Write("\r\n"u8);
    }

    private static bool IsContent(HeaderField field) =>
        field.Name.Length > 8 && Ascii.EqualsIgnoreCase(field.Name[..8], "Content-"u8);

    // RFC 9788 section 3.2.1 removes Comments and Keywords; Thread-Topic is Outlook's copy of the subject.
    private static bool RepeatsSubject(HeaderField field) =>
        field.Is("Thread-Topic"u8) || field.Is("Keywords"u8) || field.Is("Comments"u8);

    private static bool IsReadByPeople(HeaderField field) =>
        field.Is("From"u8) || field.Is("To"u8) || field.Is("Cc"u8) || field.Is("Reply-To"u8) || field.Is("Date"u8)
        || field.Is("Message-ID"u8) || field.Is("In-Reply-To"u8) || field.Is("References"u8);
}
