namespace Smtpy.Core.Accounts;

/// <summary>Who has signed in on the submission listener, with which of the account's SMTP passwords.</summary>
/// <param name="AliasId">Set: may send as this alias only; else as any of the account's.</param>
/// <param name="UserName">As stored with the password.</param>
public sealed record Submitter(Guid AccountId, Guid? AliasId, string UserName);
