using System.Text;

namespace Smtpy.Mail.Rewriting;

/// <summary>Reads message identifiers (RFC 5322 section 3.6.4), angle brackets included. What is none is passed over.</summary>
public static class MessageId
{
    /// <summary>Identifiers of one field: the oldest and the newest ones of a long thread hold it together.</summary>
    public const int MostIds = 30;

    /// <summary>Octets with brackets; nothing in use is half as long, and a header line has 998.</summary>
    public const int LongestId = 500;

    /// <summary>The first identifier; null where there is none.</summary>
    public static string? First(ReadOnlySpan<byte> value)
    {
        while (Next(ref value, out var id))
        {
            if (id is not null)
            {
                return id;
            }
        }

        return null;
    }

    /// <summary>All identifiers in order; beyond <see cref="MostIds"/> those after the first are left out, oldest first.</summary>
    internal static List<string> ReadAll(ReadOnlySpan<byte> value)
    {
        var ids = new List<string>();
        while (Next(ref value, out var id))
        {
            if (id is null)
            {
                continue;
            }

            if (ids.Count == MostIds)
            {
                ids.RemoveAt(1);
            }

            ids.Add(id);
        }

        return ids;
    }

    /// <summary>What stands behind the "@"; empty where there is none.</summary>
    public static ReadOnlySpan<char> DomainOf(ReadOnlySpan<char> id)
    {
        var at = id.LastIndexOf('@');
        return at < 0 ? [] : id[(at + 1)..].TrimEnd('>');
    }

    private static bool Next(ref ReadOnlySpan<byte> value, out string? id)
    {
        id = null;
        var start = value.IndexOf((byte)'<');
        if (start < 0)
        {
            return false;
        }

        value = value[start..];
        var end = value.IndexOf((byte)'>');
        if (end < 0)
        {
            return false;
        }

        var spelt = value[..(end + 1)];
        value = value[(end + 1)..];
        if (spelt.Length is > 2 and <= LongestId && !spelt.ContainsAnyExceptInRange((byte)33, (byte)126) && spelt[1..].IndexOf((byte)'<') < 0)
        {
            id = Encoding.ASCII.GetString(spelt);
        }

        return true;
    }
}
