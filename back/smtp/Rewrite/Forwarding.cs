using Smtpy.Core.Aliases;
using Smtpy.Core.Recipients;
using Smtpy.Core.Rules;
using Smtpy.Core.Storage;
using Smtpy.Mail.Addresses;
using Smtpy.Mail.Dkim;
using Smtpy.Smtp.Judge;

namespace Smtpy.Smtp.Rewrite;

/// <summary>All that rewriting one forward has to know.</summary>
/// <param name="Delivery">The first of those that leave together.</param>
/// <param name="Route">The alias as it is now.</param>
/// <param name="Alias">Its own address, without a "+extension".</param>
/// <param name="Handling">Resolved; the instance's defaults where the alias is gone.</param>
/// <param name="Judgement">What was found out when the message came.</param>
/// <param name="Encryption">The same for all that leave together.</param>
/// <param name="SealKey">Null where no ARC set is added.</param>
internal sealed record Forwarding(
    DueDelivery Delivery, AliasLookup Route, EmailAddress Alias, AliasHandling Handling, Judgement Judgement, RecipientEncryption Encryption,
    SigningKey? SealKey)
{
    /// <summary>Reverse addresses belong to an account; what goes to the operator or to a self-test may have none.</summary>
    public bool IsPrivate => Handling.Mode == ForwardingMode.Private && Delivery.AccountId is not null;

    /// <summary>Who sent it as far as the envelope says; null for the null sender.</summary>
    public EmailAddress? EnvelopeSender => EmailAddress.TryParse(Delivery.Sender, out var sender) ? sender : null;
}
