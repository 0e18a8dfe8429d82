using System.Text;

namespace Smtpy.Mail.Server.Commands;

/// <summary>Walks over the "KEY" and "KEY=value" parameters after a path (RFC 5321 section 4.1.2, esmtp-param).</summary>
internal ref struct ParameterReader(ReadOnlySpan<byte> text)
{
    private ReadOnlySpan<byte> _rest = text;

    public ReadOnlySpan<byte> Key { get; private set; }

    /// <summary>Empty where there is none.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    public bool HasValue { get; private set; }

    public bool MoveNext()
    {
        _rest = _rest.TrimStart((byte)' ');
        if (_rest.IsEmpty)
        {
            return false;
        }

        var space = _rest.IndexOf((byte)' ');
        var parameter = space < 0 ? _rest : _rest[..space];
        _rest = space < 0 ? [] : _rest[space..];
        var equals = parameter.IndexOf((byte)'=');
        HasValue = equals >= 0;
        Key = HasValue ? parameter[..equals] : parameter;
        Value = HasValue ? parameter[(equals + 1)..] : [];
        return true;
    }

    public readonly bool Is(ReadOnlySpan<byte> key) => Ascii.EqualsIgnoreCase(Key, key);
}
