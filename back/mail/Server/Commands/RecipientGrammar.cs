using System.Text;
using Smtpy.Mail.Addresses;
using Smtpy.Mail.Notices;

namespace Smtpy.Mail.Server.Commands;

/// <summary>Arguments of RCPT: the forward path and its parameters.</summary>
internal static class RecipientGrammar
{
    // RFC 3461 section 4.2.
    private const int MaxOrcpt = 500;

    public static SmtpCommand Parse(ReadOnlySpan<byte> arguments)
    {
        if (arguments.Length < 3 || !Ascii.EqualsIgnoreCase(arguments[..3], "TO:"u8))
        {
            return Refuse(SyntaxReplies.RcptSyntax);
        }

        var text = arguments[3..];
        if (!PathGrammar.TryParse(text, out var path) || path.Mailbox.IsEmpty || path.LocalPart.Length > AddressLimits.LocalPart)
        {
            return Refuse(SyntaxReplies.RecipientAddress);
        }

        var parameters = text[path.Length..];
        if (!parameters.IsEmpty && parameters[0] != (byte)' ')
        {
            return Refuse(SyntaxReplies.RecipientAddress);
        }

        var wrong = ParseParameters(parameters, out var notify, out var original);
        if (wrong is not null)
        {
            return Refuse(wrong);
        }

        var address = Encoding.UTF8.GetString(path.Mailbox);
        var recipient = new SmtpRecipient
        {
            LocalPart = path.Domain.Length == 0 ? "postmaster" : LocalPart.Unquote(path.LocalPart),
            Domain = path.Domain,
            Address = address,
            Notify = notify,
            OriginalRecipient = original,
        };
        return new RecipientCommand(recipient, NeedsUtf8: !Ascii.IsValid(path.Mailbox));
    }

    private static SmtpReply? ParseParameters(ReadOnlySpan<byte> text, out DsnNotify notify, out string? original)
    {
        (notify, original) = (DsnNotify.Unspecified, null);
        var parameters = new ParameterReader(text);
        while (parameters.MoveNext())
        {
            if (parameters.Is("NOTIFY"u8))
            {
                if (notify != DsnNotify.Unspecified)
                {
                    return SyntaxReplies.RepeatedParameter;
                }

                if (!TryNotify(parameters.Value, out notify))
                {
                    return SyntaxReplies.Notify;
                }
            }
            else if (parameters.Is("ORCPT"u8))
            {
                if (original is not null)
                {
                    return SyntaxReplies.RepeatedParameter;
                }

                original = DecodeOriginal(parameters.Value);
                if (original is null)
                {
                    return SyntaxReplies.Orcpt;
                }
            }
            else
            {
                return SyntaxReplies.UnknownParameter;
            }
        }

        return null;
    }

    /// <summary>RFC 3461 section 4.1: NEVER stands alone.</summary>
    private static bool TryNotify(ReadOnlySpan<byte> value, out DsnNotify notify)
    {
        notify = DsnNotify.Unspecified;
        if (Ascii.EqualsIgnoreCase(value, "NEVER"u8))
        {
            notify = DsnNotify.Never;
            return true;
        }

        foreach (var range in value.Split((byte)','))
        {
            var word = value[range];
            var flag = Ascii.EqualsIgnoreCase(word, "SUCCESS"u8) ? DsnNotify.Success
                : Ascii.EqualsIgnoreCase(word, "FAILURE"u8) ? DsnNotify.Failure
                : Ascii.EqualsIgnoreCase(word, "DELAY"u8) ? DsnNotify.Delay
                : DsnNotify.Unspecified;
            if (flag == DsnNotify.Unspecified)
            {
                return false;
            }

            notify |= flag;
        }

        return notify != DsnNotify.Unspecified;
    }

    private static string? DecodeOriginal(ReadOnlySpan<byte> value)
    {
        var semicolon = value.IndexOf((byte)';');
        if (value.Length > MaxOrcpt || semicolon < 1 || semicolon == value.Length - 1 || !Ascii.IsValid(value))
        {
            return null;
        }

        var address = XText.Decode(value[(semicolon + 1)..]);
        return address is null || value[..semicolon].ContainsAny("+="u8)
            ? null
            : $"{Encoding.ASCII.GetString(value[..semicolon])};{address}";
    }

    private static InvalidCommand Refuse(SmtpReply reply) => new(SmtpVerb.Rcpt, reply);
}
