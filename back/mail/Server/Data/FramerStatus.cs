namespace Smtpy.Mail.Server.Data;

public enum FramerStatus
{
    /// <summary>More octets are wanted.</summary>
    Reading,

    /// <summary>The message, or the chunk, has ended.</summary>
    Complete,

    /// <summary>A CR without LF, an LF without CR, or a NUL.</summary>
    BadOctet,
}

/// <summary>Takes what a framer lets through.</summary>
public interface IOctetTarget
{
    void Write(ReadOnlySpan<byte> octets);
}

/// <summary>Finds where a message, or a chunk of one, ends.</summary>
public interface IOctetFramer
{
    /// <summary>A CR, LF or NUL stood where none may (the SMTP smuggling sequences among them).</summary>
    bool FoundBadOctet { get; }

    /// <summary>Reads up to the end of the message or chunk, or of <paramref name="octets"/>.</summary>
    /// <param name="consumed">Octets that belong to it.</param>
    FramerStatus Read(ReadOnlySpan<byte> octets, IOctetTarget target, out int consumed);
}
