using Smtpy.Core.Contacts;
using Smtpy.Core.Rules;

namespace Smtpy.Smtp.Plan;

/// <summary>What an alias's owner has said about a message's sender, or had to do with them.</summary>
/// <param name="Address">Address in From, else the envelope sender without what others wrapped around it; empty for none.</param>
/// <param name="Verdict">Of a sender rule; null where none says anything. Of two addresses, blocking wins.</param>
/// <param name="Contact">Null where the sender is no contact of the alias yet.</param>
/// <param name="IsOwner">One of the mailboxes behind the alias, and proven.</param>
public sealed record SenderStanding(string Address, SenderVerdict? Verdict, Contact? Contact, bool IsOwner);
