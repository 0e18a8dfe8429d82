using Smtpy.Mail.Addresses;
using Smtpy.Mail.Headers;

namespace Smtpy.Mail.Rewriting;

/// <summary>
/// Private mode: the header that the owner receives. Whoever is named in it is named by a reverse address, so that every
/// answer goes through the alias; what is not on the allow-list is left out (docs/forwarding.md). The body is not touched.
/// </summary>
public static class PrivateForward
{
    /// <summary>Everybody who needs a reverse address, once each, in the order author, Reply-To, To, Cc; the alias is not among them.</summary>
    /// <param name="header">A header block, or a message that begins with one.</param>
    /// <param name="stays">Which addresses in To and Cc are left as they are, because they lead to a contact already.</param>
    public static IReadOnlyList<Mailbox> Addresses(ReadOnlySpan<byte> header, EmailAddress alias, Func<EmailAddress, bool> stays)
    {
        ArgumentNullException.ThrowIfNull(alias);
        ArgumentNullException.ThrowIfNull(stays);
        return ForwardAddresses.Read(header, alias, ForwardLimits.Default).Everybody(stays);
    }

    /// <param name="header">A header block, or a message that begins with one.</param>
    /// <returns>The new block without the empty line that ends it. Never fails, whatever the header holds.</returns>
    public static ReadOnlyMemory<byte> Rewrite(ReadOnlySpan<byte> header, ForwardRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var output = new HeaderOutput(new HeaderBlock(header).Length + 1024);
        var writer = new Writer(header, request, output);
        foreach (var field in new HeaderBlock(header))
        {
            var role = FieldTable.Forward.RoleOf(field.Name, request.ExtraFields);
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
        return output.Written;
    }

    private ref struct Writer(ReadOnlySpan<byte> header, ForwardRequest request, HeaderOutput output)
    {
        private readonly ReadOnlySpan<byte> _header = header;
        private readonly ForwardAddresses _addresses = ForwardAddresses.Read(header, request.Alias, request.Limits);
        private int _written;

        /// <summary>These fields may stand once only (RFC 5322 section 3.6); clients differ in which one they show.</summary>
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
                    output.Mailboxes("From"u8, [Author()]);
                    break;
                case FieldRole.ReplyTo:
                    WriteReplyTo(_addresses.ReplyTo);
                    break;
                case FieldRole.To:
                    output.Mailboxes("To"u8, Reversed(_addresses.To), _addresses.ToLeftOut);
                    break;
                case FieldRole.Cc:
                    if (Reversed(_addresses.Cc) is var cc && (cc.Count > 0 || _addresses.CcLeftOut > 0))
                    {
                        output.Mailboxes("Cc"u8, cc, _addresses.CcLeftOut);
                    }

                    break;
                case FieldRole.Subject:
                    WriteSubject(field);
                    break;
                case FieldRole.InReplyTo:
                    WriteInReplyTo(field);
                    break;
                case FieldRole.References:
                    WriteReferences(field);
                    break;
                case FieldRole.ListUnsubscribe or FieldRole.ListUnsubscribePost:
                    WriteUnsubscribe(role, field);
                    break;
                default:
                    output.Keep(field);
                    break;
            }
        }

        public void WriteMissing()
        {
            if (IsFirst(FieldRole.From))
            {
                output.Mailboxes("From"u8, [Author()]);
            }

            if (IsFirst(FieldRole.ReplyTo) && _addresses.Authors.Count > 1)
            {
                WriteReplyTo(_addresses.Authors);
            }

            if (IsFirst(FieldRole.Subject) && request.SubjectTemplate is not null)
            {
                WriteSubject(default);
            }

            if (IsFirst(FieldRole.References) && Mark() is { } mark)
            {
                output.Words("References"u8, [mark, .. InReplyTo()]);
            }

            if (request.Unsubscribe != UnsubscribeChoice.Keep && request.UnsubscribeLink is { } link)
            {
                output.Words("List-Unsubscribe"u8, [$"<{link.AbsoluteUri}>"]);
                output.Words("List-Unsubscribe-Post"u8, ["List-Unsubscribe=One-Click"]);
            }
        }

        private readonly Mailbox Author()
        {
            foreach (var author in _addresses.Authors)
            {
                if (request.ReverseAddress(author.Address) is { } reverse)
                {
                    return new Mailbox(ContactName.Format(request.Format, author), reverse);
                }
            }

            if (request.EnvelopeSender is { } sender && request.ReverseAddress(sender) is { } address)
            {
                return new Mailbox(ContactName.Format(request.Format, new Mailbox("", sender)), address);
            }

            // A From is required, and there is nobody an answer could go to.
            return new Mailbox("Unknown sender", request.Alias);
        }

        private readonly List<Mailbox> Reversed(IReadOnlyList<Mailbox> mailboxes)
        {
            var reversed = new List<Mailbox>(mailboxes.Count);
            foreach (var mailbox in mailboxes)
            {
                if (mailbox.Address.IsSameMailbox(request.Alias))
                {
                    reversed.Add(new Mailbox(ContactName.Safe(mailbox.DisplayName), request.Alias));
                }
                else if (request.ReverseAddress(mailbox.Address) is { } reverse)
                {
                    reversed.Add(new Mailbox(ContactName.Format(request.Format, mailbox), reverse));
                }
            }

            return reversed;
        }

        private readonly void WriteReplyTo(IReadOnlyList<Mailbox> mailboxes)
        {
            if (Reversed(mailboxes) is { Count: > 0 } reversed)
            {
                output.Mailboxes("Reply-To"u8, reversed);
            }
        }

        private readonly void WriteSubject(in HeaderField field)
        {
            if (request.SubjectTemplate is not { } template)
            {
                output.Keep(field);
                return;
            }

            var subject = EncodedWords.Decode(field.RawValue.Trim(" \t\r\n"u8));
            var author = _addresses.Authors.Count > 0 ? _addresses.Authors[0] : null;
            output.Text("Subject"u8, SubjectTemplate.Apply(template, subject, request.Alias, author));
        }

        private readonly void WriteInReplyTo(in HeaderField field)
        {
            if (request.MessageIds is null)
            {
                output.Keep(field);
            }
            else if (Opened(field) is { Count: > 0 } ids)
            {
                output.Words("In-Reply-To"u8, ids);
            }
        }

        private readonly void WriteReferences(in HeaderField field)
        {
            if (request.MessageIds is null)
            {
                output.Keep(field);
                return;
            }

            var ids = Opened(field);
            if (Mark() is { } mark)
            {
                ids.Insert(0, mark);
            }

            if (ids.Count > 0)
            {
                output.Words("References"u8, ids);
            }
        }

        private readonly string? Mark() =>
            request.MarkReferences && request.MessageIds is { } seal && new HeaderBlock(_header).TryFind("Message-ID"u8, out var field)
            && MessageId.First(field.RawValue) is { } id ? seal.Mark(id, request.Alias) : null;

        private readonly List<string> InReplyTo() => new HeaderBlock(_header).TryFind("In-Reply-To"u8, out var field) ? Opened(field) : [];

        private readonly List<string> Opened(in HeaderField field)
        {
            var ids = MessageId.ReadAll(field.RawValue);
            for (var i = 0; i < ids.Count; i++)
            {
                ids[i] = request.MessageIds?.Open(ids[i], request.Alias) ?? ids[i];
            }

            return ids;
        }

        private readonly void WriteUnsubscribe(FieldRole role, in HeaderField field)
        {
            if (request.Unsubscribe != UnsubscribeChoice.Keep || !new HeaderBlock(_header).TryFind("List-Unsubscribe"u8, out var unsubscribe))
            {
                return;
            }

            // A mailto link would be followed from the owner's mailbox, whose address it would tell.
            var links = ListUnsubscribe.WebLinks(unsubscribe.RawValue);
            if (links.Count == 0)
            {
                return;
            }

            if (role == FieldRole.ListUnsubscribePost)
            {
                output.Keep(field);
            }
            else
            {
                output.Words("List-Unsubscribe"u8, links.Select((link, index) => index + 1 < links.Count ? $"<{link}>," : $"<{link}>"));
            }
        }
    }
}
