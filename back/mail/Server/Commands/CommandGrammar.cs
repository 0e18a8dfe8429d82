using System.Buffers.Text;
using System.Text;
using Smtpy.Mail.Addresses;

namespace Smtpy.Mail.Server.Commands;

/// <summary>
/// Understands one command line (RFC 5321 section 4.1.1 and the extensions offered). Pure: it knows no session, keeps
/// nothing, and answers every sequence of octets.
/// </summary>
public static class CommandGrammar
{
    // RFC 1035 section 2.3.4: no host name is longer.
    private const int MaxHelloName = 255;

    private static readonly PlainCommand Data = new(SmtpVerb.Data);
    private static readonly PlainCommand Rset = new(SmtpVerb.Rset);
    private static readonly PlainCommand Noop = new(SmtpVerb.Noop);
    private static readonly PlainCommand Quit = new(SmtpVerb.Quit);
    private static readonly PlainCommand Vrfy = new(SmtpVerb.Vrfy);
    private static readonly PlainCommand Expn = new(SmtpVerb.Expn);
    private static readonly PlainCommand Help = new(SmtpVerb.Help);
    private static readonly PlainCommand StartTls = new(SmtpVerb.StartTls);
    private static readonly PlainCommand Http = new(SmtpVerb.Http);
    private static readonly InvalidCommand Unknown = new(SmtpVerb.Unknown, SyntaxReplies.Unknown);
    private static readonly InvalidCommand BadLineOctets = new(SmtpVerb.Unknown, SyntaxReplies.LineOctets);
    internal static readonly InvalidCommand BadChunk = new(SmtpVerb.Bdat, SyntaxReplies.Chunk);
    private static readonly InvalidCommand BadCharacters = new(SmtpVerb.Unknown, SyntaxReplies.Characters);

    /// <param name="line">A line without its line end.</param>
    public static SmtpCommand Parse(ReadOnlySpan<byte> line)
    {
        // RFC 5321 section 4.1.1: white space before the line end is tolerated.
        line = line.TrimEnd(" \t"u8);
        if (HasLineOctets(line))
        {
            return BadLineOctets;
        }

        if (line.ContainsAnyInRange((byte)0, (byte)31) || line.Contains((byte)127)
            || (!Ascii.IsValid(line) && !System.Text.Unicode.Utf8.IsValid(line)))
        {
            return IsChunk(line) ? BadChunk : BadCharacters;
        }

        var space = line.IndexOf((byte)' ');
        var word = space < 0 ? line : line[..space];
        var arguments = space < 0 ? [] : line[(space + 1)..];
        return Recognize(word) switch
        {
            SmtpVerb.Mail => MailGrammar.Parse(arguments),
            SmtpVerb.Rcpt => RecipientGrammar.Parse(arguments),
            SmtpVerb.Data => WithoutArguments(Data, arguments),
            SmtpVerb.Bdat => ParseChunk(arguments),
            SmtpVerb.Ehlo => ParseHello(SmtpVerb.Ehlo, arguments),
            SmtpVerb.Helo => ParseHello(SmtpVerb.Helo, arguments),
            SmtpVerb.Rset => WithoutArguments(Rset, arguments),
            SmtpVerb.Quit => WithoutArguments(Quit, arguments),
            SmtpVerb.StartTls => WithoutArguments(StartTls, arguments),
            SmtpVerb.Noop => Noop,
            SmtpVerb.Vrfy => Vrfy,
            SmtpVerb.Expn => Expn,
            SmtpVerb.Help => Help,
            SmtpVerb.Auth => AuthGrammar.Parse(arguments),
            SmtpVerb.Http => Http,
            _ => Unknown,
        };
    }

    /// <summary>Whether a line holds what has no place inside one: NUL or CR.</summary>
    internal static bool HasLineOctets(ReadOnlySpan<byte> line) => line.ContainsAny((byte)0, (byte)'\r');

    /// <summary>Whether a line is an AUTH command, the one that may be longer than others.</summary>
    internal static bool IsAuth(ReadOnlySpan<byte> line) => line.Length > 5 && Ascii.EqualsIgnoreCase(line[..5], "AUTH "u8);

    /// <summary>Whether octets may follow that are no commands, however wrong the line is otherwise.</summary>
    internal static bool IsChunk(ReadOnlySpan<byte> line) => line.Length >= 4 && Ascii.EqualsIgnoreCase(line[..4], "BDAT"u8);

    private static SmtpVerb Recognize(ReadOnlySpan<byte> word)
    {
        Span<byte> upper = stackalloc byte[8];
        if (word.Length > upper.Length)
        {
            return SmtpVerb.Unknown;
        }

        Ascii.ToUpper(word, upper, out var length);
        return upper[..length] switch
        {
            var verb when verb.SequenceEqual("RCPT"u8) => SmtpVerb.Rcpt,
            var verb when verb.SequenceEqual("MAIL"u8) => SmtpVerb.Mail,
            var verb when verb.SequenceEqual("DATA"u8) => SmtpVerb.Data,
            var verb when verb.SequenceEqual("BDAT"u8) => SmtpVerb.Bdat,
            var verb when verb.SequenceEqual("EHLO"u8) => SmtpVerb.Ehlo,
            var verb when verb.SequenceEqual("QUIT"u8) => SmtpVerb.Quit,
            var verb when verb.SequenceEqual("RSET"u8) => SmtpVerb.Rset,
            var verb when verb.SequenceEqual("STARTTLS"u8) => SmtpVerb.StartTls,
            var verb when verb.SequenceEqual("HELO"u8) => SmtpVerb.Helo,
            var verb when verb.SequenceEqual("NOOP"u8) => SmtpVerb.Noop,
            var verb when verb.SequenceEqual("VRFY"u8) => SmtpVerb.Vrfy,
            var verb when verb.SequenceEqual("EXPN"u8) => SmtpVerb.Expn,
            var verb when verb.SequenceEqual("HELP"u8) => SmtpVerb.Help,
            var verb when verb.SequenceEqual("AUTH"u8) => SmtpVerb.Auth,
            var verb => IsHttpMethod(verb) ? SmtpVerb.Http : SmtpVerb.Unknown,
        };
    }

    private static bool IsHttpMethod(ReadOnlySpan<byte> verb) =>
        verb.SequenceEqual("GET"u8) || verb.SequenceEqual("POST"u8) || verb.SequenceEqual("HEAD"u8) || verb.SequenceEqual("PUT"u8)
        || verb.SequenceEqual("OPTIONS"u8) || verb.SequenceEqual("CONNECT"u8) || verb.SequenceEqual("DELETE"u8)
        || verb.SequenceEqual("PATCH"u8) || verb.SequenceEqual("TRACE"u8) || verb.SequenceEqual("PRI"u8);

    private static SmtpCommand WithoutArguments(PlainCommand command, ReadOnlySpan<byte> arguments) =>
        arguments.Trim((byte)' ').IsEmpty ? command : new InvalidCommand(command.Verb, SyntaxReplies.NoArguments);

    /// <summary>
    /// Any name without spaces is taken: many real hosts say names that are no valid domain, and RFC 5321 section 4.1.4
    /// forbids refusing mail for what the name turns out to be.
    /// </summary>
    private static SmtpCommand ParseHello(SmtpVerb verb, ReadOnlySpan<byte> arguments)
    {
        var name = arguments.Trim((byte)' ');
        return name.IsEmpty || name.Length > MaxHelloName || name.Contains((byte)' ')
            ? new InvalidCommand(verb, SyntaxReplies.HelloName)
            : new HelloCommand(verb, VisibleText.Decode(name));
    }

    private static SmtpCommand ParseChunk(ReadOnlySpan<byte> arguments)
    {
        var text = arguments.Trim((byte)' ');
        var valid = Utf8Parser.TryParse(text, out ulong size, out var digits) && size <= long.MaxValue && text[0] != (byte)'+';
        var rest = valid ? text[digits..] : [];
        var isLast = rest.Length > 1 && rest[0] == (byte)' ' && Ascii.EqualsIgnoreCase(rest.TrimStart((byte)' '), "LAST"u8);
        return valid && (isLast || rest.IsEmpty)
            ? new ChunkCommand((long)size, isLast)
            : BadChunk;
    }
}
