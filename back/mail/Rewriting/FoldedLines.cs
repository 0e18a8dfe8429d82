namespace Smtpy.Mail.Rewriting;

/// <summary>Lines of calendars and address cards: one that begins with a space or tab goes on with the one before (RFC 5545 section 3.1).</summary>
internal static class FoldedLines
{
    public static byte[] Unfold(ReadOnlySpan<byte> text)
    {
        var whole = new byte[text.Length];
        var length = 0;
        for (var at = 0; at < text.Length; at++)
        {
            var end = text[at..] switch
            {
                [(byte)'\r', (byte)'\n', (byte)' ' or (byte)'\t', ..] => 3,
                [(byte)'\n', (byte)' ' or (byte)'\t', ..] => 2,
                _ => 0,
            };
            if (end > 0)
            {
                at += end - 1;
                continue;
            }

            whole[length++] = text[at];
        }

        return whole[..length];
    }
}
