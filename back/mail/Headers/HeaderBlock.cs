namespace Smtpy.Mail.Headers;

/// <summary>
/// Reads the header fields at the beginning of a message (RFC 5322 section 2.1) where they lie, without copying and without
/// failing: every octet before the first empty line belongs to exactly one <see cref="HeaderField"/>, and a line that is no
/// field is one with an empty name.
/// </summary>
public readonly ref struct HeaderBlock(ReadOnlySpan<byte> message)
{
    private readonly ReadOnlySpan<byte> _message = message;

    public Enumerator GetEnumerator() => new(_message);

    /// <summary>How many fields have this name, in any case.</summary>
    public int Count(ReadOnlySpan<byte> name)
    {
        var count = 0;
        foreach (var field in this)
        {
            if (field.Is(name))
            {
                count++;
            }
        }

        return count;
    }

    /// <summary>The first field of this name.</summary>
    public bool TryFind(ReadOnlySpan<byte> name, out HeaderField found)
    {
        foreach (var field in this)
        {
            if (field.Is(name))
            {
                found = field;
                return true;
            }
        }

        found = default;
        return false;
    }

    /// <summary>Octets of the header fields; the empty line, where there is one, begins here.</summary>
    public int Length
    {
        get
        {
            var fields = GetEnumerator();
            while (fields.MoveNext())
            {
            }

            return fields.Position;
        }
    }

    /// <summary>
    /// Whether the empty line that ends the header is among the octets given. False for a message without a body, and
    /// where only its beginning was given.
    /// </summary>
    public bool IsComplete => Length < _message.Length;

    public ref struct Enumerator(ReadOnlySpan<byte> message)
    {
        private readonly ReadOnlySpan<byte> _message = message;

        internal int Position { get; private set; }

        public HeaderField Current { get; private set; }

        public bool MoveNext()
        {
            var rest = _message[Position..];
            if (rest.IsEmpty || rest[0] == (byte)'\n' || rest.StartsWith("\r\n"u8))
            {
                return false;
            }

            var length = FieldLength(rest);
            Current = new HeaderField(rest[..length]);
            Position += length;
            return true;
        }

        private static int FieldLength(ReadOnlySpan<byte> rest)
        {
            var length = 0;
            do
            {
                var lineEnd = rest[length..].IndexOf((byte)'\n');
                if (lineEnd < 0)
                {
                    return rest.Length;
                }

                length += lineEnd + 1;
            }
            while (length < rest.Length && rest[length] is (byte)' ' or (byte)'\t');

            return length;
        }
    }
}
