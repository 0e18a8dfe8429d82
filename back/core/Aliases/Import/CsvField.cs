using System.Text;

namespace Smtpy.Core.Aliases.Import;

/// <summary>A field of a CSV record as it is read, character by character (RFC 4180 section 2, rules 5 to 7).</summary>
internal sealed class CsvField
{
    private readonly StringBuilder _text = new();
    private bool _wasQuoted;

    /// <summary>True inside of quotes, where commas and line ends are text.</summary>
    public bool IsOpen { get; private set; }

    /// <param name="next">The character after it, or a negative number at the end.</param>
    /// <returns>True where it and the next one are one quote, so the next one is done with.</returns>
    public bool Add(char c, int next)
    {
        if (c == '"')
        {
            return Quote(next);
        }

        // Space after the closing quote belongs to nothing.
        if (IsOpen || !_wasQuoted || !char.IsWhiteSpace(c))
        {
            _text.Append(c);
        }

        return false;
    }

    /// <returns>The field; the next one begins.</returns>
    public string Take()
    {
        var text = _wasQuoted ? _text.ToString() : _text.ToString().Trim();
        _text.Clear();
        (IsOpen, _wasQuoted) = (false, false);
        return text;
    }

    private bool Quote(int next)
    {
        if (IsOpen && next == '"')
        {
            _text.Append('"');
            return true;
        }

        if (!_wasQuoted && string.IsNullOrWhiteSpace(_text.ToString()))
        {
            _text.Clear();
        }

        IsOpen = !IsOpen;
        _wasQuoted = true;
        return false;
    }
}
