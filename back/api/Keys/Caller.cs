using System.Security.Claims;

namespace Smtpy.Api.Keys;

/// <summary>Who asks, as the key says.</summary>
internal static class Caller
{
    public const string KeyClaim = "key";
    public const string ScopeClaim = "scope";
    public const string FullScope = "full";
    public const string ReadScope = "read";

    /// <summary>The account that the key belongs to. Only behind authorization.</summary>
    public static Guid AccountId(this ClaimsPrincipal user) => Guid.Parse(user.FindFirstValue(ClaimTypes.NameIdentifier)!);

    /// <summary>The key's id, or null for a caller without a key.</summary>
    public static string? KeyId(this ClaimsPrincipal user) => user.FindFirstValue(KeyClaim);
}
