using System.Security.Cryptography;

namespace Smtpy.Core.Accounts;

/// <summary>Passwords for the submission listener are drawn, never chosen: nobody guesses one, and none was used elsewhere before.</summary>
internal static class SmtpPassword
{
    /// <summary>160 bits: 32 of 32 letters and digits that nobody takes for one another, typed the same on every keyboard.</summary>
    private const int Length = 32;

    private const string Alphabet = "abcdefghijkmnpqrstuvwxyz23456789";

    public static string Draw() => RandomNumberGenerator.GetString(Alphabet, Length);
}
