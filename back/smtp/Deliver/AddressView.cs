using System.Collections;

namespace Smtpy.Smtp.Deliver;

/// <summary>The recipients' addresses as a list, without copying them for each message.</summary>
internal sealed class AddressView(IReadOnlyList<OutboundRecipient> recipients) : IReadOnlyList<string>
{
    public string this[int index] => recipients[index].Address;

    public int Count => recipients.Count;

    public IEnumerator<string> GetEnumerator() => recipients.Select(recipient => recipient.Address).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
