using System.Buffers;
using System.Text;
using MimeKit;
using Smtpy.Mail.Headers;

namespace Smtpy.Mail.Rewriting;

/// <summary>Finds and removes addresses in header fields, whatever hides them: encoded words (RFC 2047) or parameters in pieces (RFC 2231).</summary>
internal static class HeaderTraces
{
    /// <summary>Whether the field shows an address to who reads it raw or decoded.</summary>
    public static bool Contains(in HeaderField field, TraceSet traces, bool privateOnly) =>
        traces.Contains(field.Raw, privateOnly) || ContainsDecoded(field, traces, privateOnly);

    /// <summary>
    /// Writes the field with addresses replaced. Where that is not enough because of how it is spelt, a Content-Type is
    /// reduced to what the body needs and another field is left out.
    /// </summary>
    public static void Write(in HeaderField field, TraceSet traces, HeaderOutput output)
    {
        if (!Contains(field, traces, privateOnly: false))
        {
            output.Raw(field.Raw);
            return;
        }

        var replaced = Replace(field.Raw, traces);
        var fields = new HeaderBlock(replaced).GetEnumerator();
        if (fields.MoveNext() && !Contains(fields.Current, traces, privateOnly: true))
        {
            output.Keep(fields.Current);
        }
        else if (field.Is("Content-Type"u8))
        {
            Reduce(field, traces, output);
        }
        else if (field.Is("Content-Disposition"u8))
        {
            output.Text("Content-Disposition"u8, "attachment");
        }
    }

    private static ReadOnlySpan<byte> Replace(ReadOnlySpan<byte> raw, TraceSet traces)
    {
        var output = new ArrayBufferWriter<byte>(raw.Length + 64);
        var rest = raw;
        while (rest.IndexOf("=?"u8) is >= 0 and var offset)
        {
            output.Write(rest[..offset]);
            rest = rest[offset..];
            if (EncodedWord.TryRead(rest, out var word))
            {
                WriteWord(rest[..word.Length], traces, output);
                rest = rest[word.Length..];
            }
            else
            {
                output.Write(rest[..2]);
                rest = rest[2..];
            }
        }

        output.Write(rest);
        return traces.Replace(output.WrittenSpan) ?? output.WrittenSpan;
    }

    private static void WriteWord(ReadOnlySpan<byte> word, TraceSet traces, IBufferWriter<byte> output)
    {
        if (traces.Replace(Encoding.UTF8.GetBytes(EncodedWords.Decode(word))) is not { } replaced)
        {
            output.Write(word);
            return;
        }

        // Written as a nameless field and taken out of it: words encoded and folded.
        var field = new ArrayBufferWriter<byte>(word.Length + 64);
        var encoded = new FoldedField(field, []);
        encoded.Encode(Encoding.UTF8.GetString(replaced));
        output.Write(field.WrittenSpan[2..]);
    }

    private static bool ContainsDecoded(in HeaderField field, TraceSet traces, bool privateOnly)
    {
        var raw = field.RawValue;
        if (raw.IndexOf("=?"u8) >= 0 && traces.Contains(Encoding.UTF8.GetBytes(EncodedWords.Decode(raw)), privateOnly))
        {
            return true;
        }

        // Pieces and percent-encoding of parameters are marked by a star behind the name.
        if (!raw.Contains((byte)'*') && !raw.Contains((byte)'\\') || !field.Name.StartsWith("C"u8) && !field.Name.StartsWith("c"u8))
        {
            return false;
        }

        foreach (var parameter in Parameters(field))
        {
            if (traces.Contains(Encoding.UTF8.GetBytes(parameter.Value), privateOnly))
            {
                return true;
            }
        }

        return false;
    }

    private static ParameterList Parameters(in HeaderField field)
    {
        var value = field.RawValue.Trim(" \t\r\n"u8).ToArray();
        return field.Is("Content-Type"u8) && ContentType.TryParse(value, out var type) ? type.Parameters
            : field.Is("Content-Disposition"u8) && ContentDisposition.TryParse(value, out var disposition) ? disposition.Parameters
            : new ParameterList();
    }

    private static void Reduce(in HeaderField field, TraceSet traces, HeaderOutput output)
    {
        if (!ContentType.TryParse(field.RawValue.Trim(" \t\r\n"u8).ToArray(), out var type))
        {
            return;
        }

        var reduced = new StringBuilder(type.MimeType);
        foreach (var parameter in Parameters(field))
        {
            if (parameter.Name.ToUpperInvariant() is "CHARSET" or "BOUNDARY" or "FORMAT" or "DELSP" or "METHOD"
                && !traces.Contains(Encoding.UTF8.GetBytes(parameter.Value)) && !parameter.Value.AsSpan().ContainsAny('"', '\\'))
            {
                reduced.Append("; ").Append(parameter.Name).Append("=\"").Append(parameter.Value).Append('"');
            }
        }

        output.Text("Content-Type"u8, reduced.ToString());
    }
}
