namespace Smtpy.Core.Contacts;

/// <summary>
/// Somebody an alias corresponds with, and the reverse address that stands for them: mail from the alias's owner to it goes to the
/// contact, From the alias.
/// </summary>
public sealed class Contact
{
    public Guid Id { get; init; } = Guid.CreateVersion7();

    public Guid AccountId { get; init; }

    /// <summary>Lower case. By address and not by row: an address that only the catch-all takes has contacts too.</summary>
    public required string AliasAddress { get; init; }

    /// <summary>The contact's own address: domain as A-label in lower case, local part in lower case.</summary>
    public required string Address { get; init; }

    /// <summary>As last seen in From; empty for none.</summary>
    public string DisplayName { get; set; } = "";

    /// <summary>Lower case, unique in the instance; never tells the contact's address to who sees it.</summary>
    public required string ReverseAddress { get; set; }

    /// <summary>True: mail from the contact to the alias is refused.</summary>
    public bool Blocked { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }
}
