using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MimeKit.Utils;
using Smtpy.Mail.Addresses;
using Smtpy.Mail.Headers;

namespace Smtpy.Mail.Rewriting;

/// <summary>
/// The reply direction: From is the alias, reverse addresses become the contacts they stand for, and only the fields of an
/// allow-list go out (docs/forwarding.md). What those still tell of the mailbox is for <see cref="TraceRemover"/>.
/// </summary>
public static class ReplyRewriter
{
    /// <param name="header">A header block, or a message that begins with one.</param>
    public static ReplyHeader Rewrite(ReadOnlySpan<byte> header, ReplyRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var output = new HeaderOutput(new HeaderBlock(header).Length + 512);
        var writer = new Writer(header, request, output);
        foreach (var field in new HeaderBlock(header))
        {
            var role = FieldTable.Reply.RoleOf(field.Name, request.ExtraFields);
            if (role == FieldRole.Keep)
            {
                output.Keep(field);
            }
            else if (role != FieldRole.Remove && writer.IsFirst(role))
            {
                writer.Write(role, field);
            }
        }

        writer.WriteMissing();
        return new ReplyHeader(output.Written, writer.MessageId, writer.LeftOut);
    }

    private ref struct Writer
    {
        private readonly ReadOnlySpan<byte> _header;
        private readonly ReplyRequest _request;
        private readonly HeaderOutput _output;
        private readonly ReplyThread _thread;
        private int _written;

        public Writer(ReadOnlySpan<byte> header, ReplyRequest request, HeaderOutput output)
        {
            _header = header;
            _request = request;
            _output = output;
            _thread = ReplyThread.Read(header, request);
            MessageId = request.MessageIds.Seal(_thread.OwnId ?? Convert.ToHexString(SHA256.HashData(header)), request.Alias);
        }

        public string MessageId { get; }

        public List<Mailbox> LeftOut { get; } = [];

        public bool IsFirst(FieldRole role)
        {
            var bit = 1 << (int)role;
            var first = (_written & bit) == 0;
            _written |= bit;
            return first;
        }

        public readonly void Write(FieldRole role, in HeaderField field)
        {
            switch (role)
            {
                case FieldRole.From:
                    WriteFrom();
                    break;
                case FieldRole.To:
                    _output.Mailboxes("To"u8, Contacts("To"u8));
                    break;
                case FieldRole.Cc:
                    if (Contacts("Cc"u8) is { Count: > 0 } cc)
                    {
                        _output.Mailboxes("Cc"u8, cc);
                    }

                    break;
                case FieldRole.Date:
                    WriteDate(field);
                    break;
                case FieldRole.MessageId:
                    _output.Words("Message-ID"u8, [MessageId]);
                    break;
                case FieldRole.InReplyTo:
                    WriteIds("In-Reply-To"u8, _thread.Outgoing(field.RawValue, _request));
                    break;
                case FieldRole.References:
                    WriteIds("References"u8, _thread.Outgoing(field.RawValue, _request));
                    break;
                default:
                    _output.Keep(field);
                    break;
            }
        }

        public void WriteMissing()
        {
            if (IsFirst(FieldRole.From))
            {
                WriteFrom();
            }

            if (IsFirst(FieldRole.MessageId))
            {
                _output.Words("Message-ID"u8, [MessageId]);
            }

            if (_request.ReceivedAt is { } receivedAt && IsFirst(FieldRole.Date))
            {
                WriteDate(receivedAt);
            }
        }

        private readonly void WriteFrom() => _output.Mailboxes("From"u8, [new Mailbox(ContactName.Safe(_request.FromName), _request.Alias)]);

        private readonly void WriteIds(ReadOnlySpan<byte> name, List<string> ids)
        {
            if (ids.Count > 0)
            {
                _output.Words(name, ids);
            }
        }

        private readonly List<Mailbox> Contacts(ReadOnlySpan<byte> name)
        {
            var contacts = new List<Mailbox>();
            foreach (var field in new HeaderBlock(_header))
            {
                if (!field.Is(name))
                {
                    continue;
                }

                foreach (var mailbox in AddressList.Parse(field.RawValue).Mailboxes)
                {
                    if (mailbox.Address.IsSameMailbox(_request.Alias))
                    {
                        contacts.Add(new Mailbox("", _request.Alias));
                    }
                    else if (_request.Contact(mailbox.Address) is { } contact)
                    {
                        contacts.Add(contact);
                    }
                    else if (!_request.Hidden.Any(mailbox.Address.IsSameMailbox))
                    {
                        (_request.StaysAsWritten(mailbox.Address) ? contacts : LeftOut).Add(mailbox);
                    }
                }
            }

            return contacts;
        }

        private readonly void WriteDate(in HeaderField field)
        {
            if (_request.HideTimeZone && DateUtils.TryParse(field.RawValue.ToArray(), out var date))
            {
                WriteDate(date);
            }
            else if (!_request.HideTimeZone)
            {
                _output.Keep(field);
            }
            else if (_request.ReceivedAt is { } receivedAt)
            {
                // What is no date may be anything.
                WriteDate(receivedAt);
            }
        }

        private readonly void WriteDate(DateTimeOffset date) =>
            _output.Text("Date"u8, date.UtcDateTime.ToString("ddd, dd MMM yyyy HH:mm:ss '+0000'", CultureInfo.InvariantCulture));
    }
}
