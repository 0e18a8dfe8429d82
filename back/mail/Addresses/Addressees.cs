using Smtpy.Mail.Headers;

namespace Smtpy.Mail.Addresses;

/// <summary>Whom a message names in To and Cc.</summary>
public static class Addressees
{
    /// <param name="header">A header block, or a message that begins with one.</param>
    public static IReadOnlyList<Mailbox> Read(ReadOnlySpan<byte> header)
    {
        var addressees = new List<Mailbox>();
        foreach (var field in new HeaderBlock(header))
        {
            if ((field.Is("To"u8) || field.Is("Cc"u8)) && addressees.Count < AddressListLimits.Default.MaxMailboxes)
            {
                addressees.AddRange(AddressList.Parse(field.RawValue).Mailboxes);
            }
        }

        return addressees;
    }
}
