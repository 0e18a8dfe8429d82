using Smtpy.Mail.Addresses;
using Smtpy.Mail.Headers;

namespace Smtpy.Mail.Rewriting;

/// <summary>Whom a message names, within the limits on contacts; several fields of one name are read as one.</summary>
internal sealed record ForwardAddresses(
    IReadOnlyList<Mailbox> Authors, IReadOnlyList<Mailbox> ReplyTo, IReadOnlyList<Mailbox> To, IReadOnlyList<Mailbox> Cc, int ToLeftOut, int CcLeftOut)
{
    private readonly EmailAddress? _alias;

    private ForwardAddresses(EmailAddress alias)
        : this([], [], [], [], 0, 0) => _alias = alias;

    public static ForwardAddresses Read(ReadOnlySpan<byte> header, EmailAddress alias, ForwardLimits limits)
    {
        var (authors, replyTo, to, cc) = (new List<Mailbox>(), new List<Mailbox>(), new List<Mailbox>(), new List<Mailbox>());
        foreach (var field in new HeaderBlock(header))
        {
            var target = field.Is("From"u8) ? authors : field.Is("Reply-To"u8) ? replyTo : field.Is("To"u8) ? to : field.Is("Cc"u8) ? cc : null;
            if (target is not null && target.Count < AddressListLimits.Default.MaxMailboxes)
            {
                target.AddRange(AddressList.Parse(field.RawValue).Mailboxes);
            }
        }

        // An answer to the alias itself would come back to the owner.
        replyTo.RemoveAll(mailbox => mailbox.Address.IsSameMailbox(alias));
        var room = limits.MaxRecipients;
        var toLeftOut = Cut(to, alias, ref room);
        var ccLeftOut = Cut(cc, alias, ref room);
        return new ForwardAddresses(alias)
        {
            Authors = Few(authors, limits.MaxReplyTo),
            ReplyTo = Few(replyTo, limits.MaxReplyTo),
            To = to,
            Cc = cc,
            ToLeftOut = toLeftOut,
            CcLeftOut = ccLeftOut,
        };
    }

    /// <param name="stays">Addresses of To and Cc that are left as they are; whom an answer goes to is never one.</param>
    public List<Mailbox> Everybody(Func<EmailAddress, bool> stays)
    {
        var everybody = new List<Mailbox>();
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        Add(Authors, null);
        Add(ReplyTo, null);
        Add(To, stays);
        Add(Cc, stays);
        return everybody;

        void Add(IReadOnlyList<Mailbox> mailboxes, Func<EmailAddress, bool>? stays)
        {
            for (var i = 0; i < mailboxes.Count; i++)
            {
                var address = mailboxes[i].Address;
                if (stays?.Invoke(address) != true && !address.IsSameMailbox(_alias) && seen.Add($"{address.LocalPart}@{address.Domain}"))
                {
                    everybody.Add(mailboxes[i]);
                }
            }
        }
    }

    private static List<Mailbox> Few(List<Mailbox> mailboxes, int most) => mailboxes.Count <= most ? mailboxes : mailboxes[..most];

    /// <summary>Leaves <paramref name="room"/> mailboxes and the alias wherever it stands; returns how many went.</summary>
    private static int Cut(List<Mailbox> mailboxes, EmailAddress alias, ref int room)
    {
        var left = room;
        var leftOut = mailboxes.RemoveAll(mailbox => !mailbox.Address.IsSameMailbox(alias) && --left < 0);
        room = Math.Max(left, 0);
        return leftOut;
    }
}
