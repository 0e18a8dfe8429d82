using System.Text;

namespace Smtpy.Mail.Mime;

/// <summary>Finds the delimiter lines of a multipart body (RFC 2046 section 5.1.1).</summary>
internal readonly ref struct Delimiters(string boundary)
{
    private readonly ReadOnlySpan<byte> _dashed = Encoding.Latin1.GetBytes("--" + boundary);

    /// <param name="start">Where the delimiter begins: at the line end before it, which belongs to it.</param>
    /// <param name="line">Where "--" begins.</param>
    /// <param name="end">Behind the delimiter's own line end.</param>
    /// <param name="isClose">Whether no part follows.</param>
    public bool TryFind(ReadOnlySpan<byte> body, int from, out int start, out int line, out int end, out bool isClose)
    {
        (start, line, end, isClose) = (0, from, 0, false);
        while (line <= body.Length - _dashed.Length)
        {
            var offset = body[line..].IndexOf(_dashed);
            if (offset < 0)
            {
                return false;
            }

            line += offset;
            if ((line == 0 || body[line - 1] == (byte)'\n') && IsDelimiter(body[(line + _dashed.Length)..], out var rest, out isClose))
            {
                end = line + _dashed.Length + rest;
                start = line - (line == 0 || line == from ? 0 : line >= from + 2 && body[line - 2] == (byte)'\r' ? 2 : 1);
                return true;
            }

            line += _dashed.Length;
        }

        return false;
    }

    /// <summary>Whether nothing but "--" and white space follows on the line.</summary>
    private static bool IsDelimiter(ReadOnlySpan<byte> after, out int length, out bool isClose)
    {
        isClose = after.StartsWith("--"u8);
        var lineEnd = after.IndexOf((byte)'\n');
        length = lineEnd < 0 ? after.Length : lineEnd + 1;
        return !after[(isClose ? 2 : 0)..Math.Max(length, isClose ? 2 : 0)].ContainsAnyExcept(" \t\r\n"u8);
    }
}
