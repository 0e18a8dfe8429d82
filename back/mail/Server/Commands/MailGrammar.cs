using System.Buffers.Text;
using System.Text;

namespace Smtpy.Mail.Server.Commands;

/// <summary>Arguments of MAIL: the reverse path and its parameters.</summary>
internal static class MailGrammar
{
    // RFC 3461 section 4.4.
    private const int MaxEnvid = 100;

    // RFC 4954 section 3, item 6.
    private const int MaxSubmitter = 500;

    [Flags]
    private enum Given
    {
        Nothing = 0,
        Size = 1,
        Body = 2,
        SmtpUtf8 = 4,
        RequireTls = 8,
        Ret = 16,
        Envid = 32,
        Auth = 64,
    }

    public static SmtpCommand Parse(ReadOnlySpan<byte> arguments)
    {
        if (arguments.Length < 5 || !Ascii.EqualsIgnoreCase(arguments[..5], "FROM:"u8))
        {
            return Refuse(SyntaxReplies.MailSyntax);
        }

        var text = arguments[5..];

        // No limit of 64 octets on a sender's local part: bounce addresses of large senders are longer, and RFC 5321
        // section 4.5.3.1 sets what must be taken, not what must be refused. The path's limit holds.
        if (!PathGrammar.TryParse(text, out var path) || (path.Domain.Length == 0 && !path.Mailbox.IsEmpty))
        {
            return Refuse(SyntaxReplies.SenderAddress);
        }

        var parameters = text[path.Length..];
        if (!parameters.IsEmpty && parameters[0] != (byte)' ')
        {
            return Refuse(SyntaxReplies.SenderAddress);
        }

        var sender = path.Mailbox.IsEmpty ? ReversePath.Null : new ReversePath(Encoding.UTF8.GetString(path.Mailbox));
        var command = ParseParameters(new MailCommand(sender), parameters);
        return command is MailCommand { SmtpUtf8: false } && !Ascii.IsValid(path.Mailbox)
            ? Refuse(SyntaxReplies.SenderNeedsUtf8)
            : command;
    }

    private static SmtpCommand ParseParameters(MailCommand command, ReadOnlySpan<byte> text)
    {
        var parameters = new ParameterReader(text);
        var given = Given.Nothing;
        long? size = null;
        string? ret = null;
        string? envid = null;
        var eightBit = false;
        while (parameters.MoveNext())
        {
            var key = Recognize(parameters);
            if (key == Given.Nothing || (given & key) != Given.Nothing)
            {
                return Refuse(key == Given.Nothing ? SyntaxReplies.UnknownParameter : SyntaxReplies.RepeatedParameter);
            }

            given |= key;
            var wrong = key switch
            {
                Given.Size => TrySize(parameters.Value, out size) ? null : SyntaxReplies.Size,
                Given.Body => TryBody(parameters.Value, out eightBit) ? null : SyntaxReplies.Body,
                Given.Ret => TryRet(parameters.Value, out ret) ? null : SyntaxReplies.Ret,
                Given.Envid => TryEnvid(parameters.Value, out envid) ? null : SyntaxReplies.Envid,
                Given.Auth => IsSubmitter(parameters.Value) ? null : SyntaxReplies.Submitter,
                _ => parameters.HasValue ? SyntaxReplies.NoValue : null,
            };
            if (wrong is not null)
            {
                return Refuse(wrong);
            }
        }

        return given == Given.Nothing ? command : command with
        {
            DeclaredSize = size,
            EightBitMime = eightBit,
            SmtpUtf8 = given.HasFlag(Given.SmtpUtf8),
            RequireTls = given.HasFlag(Given.RequireTls),
            DsnReturn = ret,
            EnvelopeId = envid,
            HasSubmitter = given.HasFlag(Given.Auth),
        };
    }

    private static Given Recognize(in ParameterReader parameter) =>
        parameter.Is("SIZE"u8) ? Given.Size
        : parameter.Is("BODY"u8) ? Given.Body
        : parameter.Is("SMTPUTF8"u8) ? Given.SmtpUtf8
        : parameter.Is("REQUIRETLS"u8) ? Given.RequireTls
        : parameter.Is("RET"u8) ? Given.Ret
        : parameter.Is("ENVID"u8) ? Given.Envid
        : parameter.Is("AUTH"u8) ? Given.Auth
        : Given.Nothing;

    private static bool TrySize(ReadOnlySpan<byte> value, out long? size)
    {
        // RFC 1870 section 3: up to 20 digits, digits alone.
        var valid = value.Length is > 0 and <= 20 && !value.ContainsAnyExceptInRange((byte)'0', (byte)'9');
        size = !valid ? null : Utf8Parser.TryParse(value, out long octets, out _) ? octets : long.MaxValue;
        return valid;
    }

    private static bool TryBody(ReadOnlySpan<byte> value, out bool eightBit)
    {
        eightBit = Ascii.EqualsIgnoreCase(value, "8BITMIME"u8);
        return eightBit || Ascii.EqualsIgnoreCase(value, "7BIT"u8);
    }

    private static bool TryRet(ReadOnlySpan<byte> value, out string? ret)
    {
        ret = Ascii.EqualsIgnoreCase(value, "FULL"u8) ? "FULL" : Ascii.EqualsIgnoreCase(value, "HDRS"u8) ? "HDRS" : null;
        return ret is not null;
    }

    private static bool TryEnvid(ReadOnlySpan<byte> value, out string? envid)
    {
        envid = value.Length is > 0 and <= MaxEnvid ? XText.Decode(value) : null;
        return envid is not null;
    }

    private static bool IsSubmitter(ReadOnlySpan<byte> value) =>
        value.SequenceEqual("<>"u8) || (value.Length is > 0 and <= MaxSubmitter && XText.Decode(value) is not null);

    private static InvalidCommand Refuse(SmtpReply reply) => new(SmtpVerb.Mail, reply);
}
