using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Smtpy.Mail.Dkim;

/// <summary>A tag=value list (RFC 6376 section 3.2), read where it lies. Octets above 127 are UTF-8 (RFC 8616) and may stand in values.</summary>
internal sealed class TagList
{
    /// <summary>Tags read; more make the list invalid. RFC 6376 defines 14 for a signature: 64 leaves room for others.</summary>
    public const int MaxTags = 64;

    private readonly ReadOnlyMemory<byte> _text;
    private readonly List<Tag> _tags = [];

    private TagList(ReadOnlyMemory<byte> text) => _text = text;

    /// <summary>The first tag's name; empty for an empty list.</summary>
    public ReadOnlySpan<byte> FirstName => _tags.Count == 0 ? [] : Name(_tags[0]);

    /// <param name="reason">Where false is returned, what is wrong.</param>
    public static bool TryParse(ReadOnlyMemory<byte> text, [NotNullWhen(true)] out TagList? list, [NotNullWhen(false)] out string? reason)
    {
        var parsed = new TagList(text);
        reason = parsed.Parse();
        list = reason is null ? parsed : null;
        return reason is null;
    }

    public bool Has(ReadOnlySpan<byte> name) => Find(name) >= 0;

    /// <summary>The value without the white space around it; false where the tag is missing.</summary>
    public bool TryGet(ReadOnlySpan<byte> name, out ReadOnlyMemory<byte> value)
    {
        var index = Find(name);
        value = index < 0 ? default : TrimmedValue(_tags[index]);
        return index >= 0;
    }

    /// <summary>The value without the white space around it; null where the tag is missing.</summary>
    public string? Text(ReadOnlySpan<byte> name) => TryGet(name, out var value) ? Encoding.UTF8.GetString(value.Span) : null;

    /// <summary>What stands between the colons of a value, each without the white space around it; null where the tag is missing.</summary>
    public string[]? Parts(ReadOnlySpan<byte> name) => Text(name)?.Split(':', StringSplitOptions.TrimEntries);

    /// <summary>The value with all white space taken out, where folding may stand between any two octets; null where the tag is missing.</summary>
    public string? Compact(ReadOnlySpan<byte> name)
    {
        if (!TryGet(name, out var value))
        {
            return null;
        }

        var compact = new byte[value.Length];
        var length = 0;
        foreach (var octet in value.Span)
        {
            if (!IsWhiteSpace(octet))
            {
                compact[length++] = octet;
            }
        }

        return Encoding.UTF8.GetString(compact, 0, length);
    }

    /// <summary>Where the value lies in the text, the white space around it included: what is taken out of a signature that is verified.</summary>
    public Range WholeValue(ReadOnlySpan<byte> name)
    {
        var index = Find(name);
        return index < 0 ? default : _tags[index].Value;
    }

    private static bool IsWhiteSpace(byte octet) => octet is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n';

    private static bool IsName(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty || !char.IsAsciiLetter((char)name[0]))
        {
            return false;
        }

        foreach (var octet in name)
        {
            if (!char.IsAsciiLetterOrDigit((char)octet) && octet != (byte)'_')
            {
                return false;
            }
        }

        return true;
    }

    private string? Parse()
    {
        var text = _text.Span;
        for (var start = 0; start < text.Length;)
        {
            var length = text[start..].IndexOf((byte)';');
            var end = length < 0 ? text.Length : start + length;
            if (length < 0 && text[start..].Trim(" \t\r\n"u8).IsEmpty)
            {
                // A semicolon may end the list.
                break;
            }

            if (Add(start, end) is { } reason)
            {
                return reason;
            }

            start = end + 1;
        }

        return _tags.Count == 0 ? "no tag at all" : null;
    }

    private string? Add(int start, int end)
    {
        var spec = _text.Span[start..end];
        var sign = spec.IndexOf((byte)'=');
        if (sign < 0)
        {
            return "a tag without a value";
        }

        var leading = spec.Length - spec.TrimStart(" \t\r\n"u8).Length;
        var name = spec[..sign].Trim(" \t\r\n"u8);
        if (!IsName(name))
        {
            return "a tag with a bad name";
        }

        if (Has(name))
        {
            return $"the tag {Encoding.ASCII.GetString(name)}= twice";
        }

        foreach (var octet in spec[(sign + 1)..])
        {
            if (octet is < 0x20 or 0x7f && !IsWhiteSpace(octet))
            {
                return "a control character";
            }
        }

        if (_tags.Count == MaxTags)
        {
            return $"more than {MaxTags} tags";
        }

        _tags.Add(new Tag(start + leading, name.Length, (start + sign + 1)..end));
        return null;
    }

    private int Find(ReadOnlySpan<byte> name)
    {
        for (var index = 0; index < _tags.Count; index++)
        {
            if (Name(_tags[index]).SequenceEqual(name))
            {
                return index;
            }
        }

        return -1;
    }

    private ReadOnlySpan<byte> Name(Tag tag) => _text.Span.Slice(tag.NameStart, tag.NameLength);

    private ReadOnlyMemory<byte> TrimmedValue(Tag tag) => _text[tag.Value].Trim(" \t\r\n"u8);

    private readonly record struct Tag(int NameStart, int NameLength, Range Value);
}
