namespace Smtpy.Mail.Server.Sasl;

/// <summary>Walks over the attributes of a SCRAM message, which commas separate (RFC 5802 section 5.1).</summary>
internal ref struct ScramAttributes(ReadOnlySpan<byte> text)
{
    private ReadOnlySpan<byte> _rest = text;
    private bool _ended;

    /// <summary>The next attribute, also an empty one; false after the last.</summary>
    public bool TryTake(out ReadOnlySpan<byte> attribute)
    {
        attribute = default;
        if (_ended)
        {
            return false;
        }

        var comma = _rest.IndexOf((byte)',');
        attribute = comma < 0 ? _rest : _rest[..comma];
        _ended = comma < 0;
        _rest = _ended ? [] : _rest[(comma + 1)..];
        return true;
    }

    /// <summary>Whether all that is left has the form of extensions, which are ignored: a letter, "=", a value.</summary>
    public bool AreExtensions()
    {
        while (TryTake(out var attribute))
        {
            if (attribute.Length < 3 || !char.IsAsciiLetter((char)attribute[0]) || attribute[1] != (byte)'=' || attribute.Contains((byte)0))
            {
                return false;
            }
        }

        return true;
    }
}
