using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace Smtpy.Core.Accounts;

/// <summary>
/// The text of a key: "smtpy" and 43 letters and digits, which carry 256 bits. addy.io's browser extension takes 40 to 60 letters
/// and digits and nothing else; the fixed beginning lets scanners find a key that was published by mistake.
/// </summary>
public static class ApiKeyToken
{
    public const string Marker = "smtpy";
    private const int RandomLength = 43;
    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    private static readonly SearchValues<char> Allowed = SearchValues.Create(Alphabet);

    /// <summary>Characters shown of a key: the marker and four more, 24 of its 256 bits.</summary>
    private const int PrefixLength = 9;

    public static string Create() => Marker + RandomNumberGenerator.GetString(Alphabet, RandomLength);

    /// <summary>False for what was never a key, so that nobody asks the database for it.</summary>
    public static bool IsWellFormed(ReadOnlySpan<char> text) =>
        text.Length == Marker.Length + RandomLength && text.StartsWith(Marker, StringComparison.Ordinal) && !text.ContainsAnyExcept(Allowed);

    public static string Prefix(string token) => token[..PrefixLength];

    public static string Hash(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
