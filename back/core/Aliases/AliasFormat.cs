namespace Smtpy.Core.Aliases;

/// <summary>How the part before the "@" of a new alias is made; the names are addy.io's.</summary>
public enum AliasFormat
{
    /// <summary>Eight letters and digits.</summary>
    RandomCharacters,
    Uuid,

    /// <summary>Two words and a number: "quiet.harbour417".</summary>
    RandomWords,
    RandomMaleName,
    RandomFemaleName,
    RandomNoun,

    /// <summary>As given.</summary>
    Custom,
}
