namespace Smtpy.Tests.Support.Smtp;

/// <summary>RFC 5321 section 4.5.2, written a second time so that the server's own code is not its own judge.</summary>
public static class DotStuffing
{
    /// <summary>Content as it goes over the wire, without the final dot line.</summary>
    public static byte[] Stuff(ReadOnlySpan<byte> content)
    {
        var result = new List<byte>(content.Length + 16);
        for (var index = 0; index < content.Length; index++)
        {
            if (content[index] == '.' && (index == 0 || content[index - 1] == '\n'))
            {
                result.Add((byte)'.');
            }

            result.Add(content[index]);
        }

        return [.. result];
    }

    /// <summary>Content as it was before stuffing. Allocates only where there is a stuffed dot.</summary>
    public static ReadOnlyMemory<byte> Unstuff(ReadOnlyMemory<byte> wire)
    {
        var span = wire.Span;
        if ((span.IsEmpty || span[0] != '.') && span.IndexOf("\r\n."u8) < 0)
        {
            return wire;
        }

        var result = new byte[span.Length];
        var length = 0;
        for (var index = 0; index < span.Length; index++)
        {
            if (span[index] == '.' && (index == 0 || span[index - 1] == '\n'))
            {
                continue;
            }

            result[length++] = span[index];
        }

        return result.AsMemory(0, length);
    }
}
