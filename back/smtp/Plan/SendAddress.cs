using System.Diagnostics.CodeAnalysis;
using Smtpy.Mail.Addresses;

namespace Smtpy.Smtp.Plan;

/// <summary>
/// The local part that names a contact: <c>alias+user=domain</c>. The first "+" ends the alias, as with every extension; the last "="
/// stands for the contact's "@", since a domain has none.
/// </summary>
/// <param name="Alias">Local part of the alias.</param>
public sealed record SendAddress(string Alias, EmailAddress Contact)
{
    /// <param name="localPart">Unquoted, in any case.</param>
    public static bool TryParse(string localPart, [NotNullWhen(true)] out SendAddress? address)
    {
        address = null;
        var plus = localPart.IndexOf('+', StringComparison.Ordinal);
        var at = localPart.LastIndexOf('=');
        if (plus <= 0 || at <= plus + 1
            || !EmailAddress.TryParse(string.Concat(localPart.AsSpan(plus + 1, at - plus - 1), "@", localPart.AsSpan(at + 1)), out var contact)

            // "alias+a=b" is an extension that people use; a domain that mail goes to has a dot.
            || !contact.Domain.Contains('.', StringComparison.Ordinal))
        {
            return false;
        }

        address = new SendAddress(localPart[..plus], contact);
        return true;
    }

    /// <summary>Whom an address of this form names; null for any other, and for another alias's.</summary>
    public static EmailAddress? ContactOf(EmailAddress address, EmailAddress alias)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(alias);
        return address.Domain.Equals(alias.Domain, StringComparison.OrdinalIgnoreCase) && TryParse(address.LocalPart, out var written)
            && written.Alias.Equals(alias.LocalPart, StringComparison.OrdinalIgnoreCase) ? written.Contact : null;
    }
}
