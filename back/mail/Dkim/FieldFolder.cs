using System.Text;

namespace Smtpy.Mail.Dkim;

/// <summary>Writes a header field of pieces, folded before the one that would pass the line length (RFC 5322 section 2.2.3).</summary>
internal sealed class FieldFolder(string name)
{
    // RFC 5322 section 2.1.1: 78 without the line end.
    private const int MaxLine = 78;

    // 512: what most fields take, so that it does not grow in steps.
    private readonly StringBuilder _field = new StringBuilder(512).Append(name).Append(':');
    private int _column = name.Length + 1;

    public FieldFolder NewLine()
    {
        Fold();
        return this;
    }

    /// <summary>A piece that white space may go before.</summary>
    public FieldFolder Word(ReadOnlySpan<char> piece)
    {
        BeginWord(piece.Length);
        return Append(piece);
    }

    /// <inheritdoc cref="Word(ReadOnlySpan{char})"/>
    public FieldFolder Word(StringBuilder piece)
    {
        BeginWord(piece.Length);
        _field.Append(piece);
        _column += piece.Length;
        return this;
    }

    /// <summary>A piece that continues the one before; white space between them comes only with folding and means nothing there.</summary>
    public FieldFolder Continue(ReadOnlySpan<char> piece)
    {
        if (_column + piece.Length > MaxLine)
        {
            Fold();
        }

        return Append(piece);
    }

    /// <summary>A long text that may be folded anywhere, as base64 may.</summary>
    public FieldFolder Anywhere(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            if (_column >= MaxLine)
            {
                Fold();
            }

            var length = Math.Min(text.Length, MaxLine - _column);
            Append(text[..length]);
            text = text[length..];
        }

        return this;
    }

    /// <summary>The octets so far, without a line end.</summary>
    public byte[] ToUnended() => Encoding.UTF8.GetBytes(_field.ToString());

    public byte[] ToField()
    {
        _field.Append("\r\n");
        return ToUnended();
    }

    private void BeginWord(int length)
    {
        if (_column == 1)
        {
            // The line has just begun.
        }
        else if (_column + 1 + length > MaxLine)
        {
            Fold();
        }
        else
        {
            _field.Append(' ');
            _column++;
        }
    }

    private void Fold()
    {
        _field.Append("\r\n\t");
        _column = 1;
    }

    private FieldFolder Append(ReadOnlySpan<char> piece)
    {
        _field.Append(piece);
        _column += piece.Length;
        return this;
    }
}
