using System.Text;

namespace Smtpy.Mail.Headers;

/// <summary>One header field as it stands in the message (RFC 5322 section 2.2).</summary>
public readonly ref struct HeaderField
{
    private readonly int _colon;
    private readonly int _nameLength;

    internal HeaderField(ReadOnlySpan<byte> raw)
    {
        Raw = raw;
        var lineEnd = raw.IndexOf((byte)'\n');
        _colon = (lineEnd < 0 ? raw : raw[..lineEnd]).IndexOf((byte)':');

        // "Subject : x" is obsolete syntax (RFC 5322 section 4.5) but still a Subject.
        _nameLength = _colon <= 0 ? 0 : raw[.._colon].TrimEnd(" \t"u8).Length;
        if (raw[.._nameLength].ContainsAnyExceptInRange((byte)33, (byte)126))
        {
            (_colon, _nameLength) = (-1, 0);
        }
    }

    /// <summary>All octets of the field, its line ends included.</summary>
    public ReadOnlySpan<byte> Raw { get; }

    /// <summary>The name as spelt; empty for a line that is no field.</summary>
    public ReadOnlySpan<byte> Name => Raw[.._nameLength];

    /// <summary>What follows the colon, folding and final line end included; the whole line where it is no field.</summary>
    public ReadOnlySpan<byte> RawValue => Raw[(_nameLength == 0 ? 0 : _colon + 1)..];

    public bool Is(ReadOnlySpan<byte> name) => Ascii.EqualsIgnoreCase(Name, name);

    /// <summary>
    /// The value on one line: line ends removed, white space around it trimmed (RFC 5322 section 2.2.3). Octets that are
    /// not UTF-8 become U+FFFD.
    /// </summary>
    public string Value()
    {
        var value = RawValue.Trim(" \t\r\n"u8);
        if (!value.ContainsAny((byte)'\r', (byte)'\n'))
        {
            return Encoding.UTF8.GetString(value);
        }

        var unfolded = new byte[value.Length];
        var length = 0;
        foreach (var octet in value)
        {
            if (octet is not ((byte)'\r' or (byte)'\n'))
            {
                unfolded[length++] = octet;
            }
        }

        return Encoding.UTF8.GetString(unfolded, 0, length);
    }
}
