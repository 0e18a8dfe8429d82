using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Coordination;

/// <summary>
/// Where ASP.NET Core's data protection keeps its keys: in a folder, and where there is Redis, there too, so that every replica
/// reads what another has sealed. Each of the two is filled up from the other: losing one loses no key.
/// </summary>
/// <param name="link">Null: the folder alone.</param>
public sealed class SharedKeyRing(string folder, RedisLink? link) : IXmlRepository
{
    private const string Key = "smtpy:key-ring";

    public IReadOnlyCollection<XElement> GetAllElements()
    {
        var known = ReadFolder();
        if (link is not null)
        {
            Exchange(link, known);
        }

        return [.. known.Values.Select(static text => XElement.Parse(text))];
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        ArgumentNullException.ThrowIfNull(element);
        var name = IsName(friendlyName) ? friendlyName : Guid.NewGuid().ToString("D");
        var text = element.ToString(SaveOptions.DisableFormatting);
        Write(name, text);
        if (link is not null)
        {
            Share(link, name, text);
        }
    }

    /// <summary>A method of its own, as the next one: where there is no Redis, its client is not even loaded.</summary>
    private static void Share(RedisLink link, string name, string text) => link.Try(redis => redis.HashSet(Key, name, text));

    private void Exchange(RedisLink link, Dictionary<string, string> known) => link.Try(redis =>
    {
        var shared = redis.HashGetAll(Key).ToDictionary(static e => e.Name.ToString(), static e => e.Value.ToString());
        foreach (var (name, text) in known.Where(k => !shared.ContainsKey(k.Key)))
        {
            redis.HashSet(Key, name, text);
        }

        foreach (var (name, text) in shared.Where(s => IsName(s.Key) && !known.ContainsKey(s.Key)))
        {
            Write(name, text);
            known[name] = text;
        }
    });

    /// <summary>Names become file names, and Redis is not ours alone.</summary>
    private static bool IsName(string? name) =>
        name is { Length: > 0 and <= 100 } && name.All(static c => char.IsAsciiLetterOrDigit(c) || c == '-');

    private Dictionary<string, string> ReadFolder() => Directory.Exists(folder)
        ? Directory.GetFiles(folder, "*.xml").ToDictionary(static path => Path.GetFileNameWithoutExtension(path), File.ReadAllText)
        : [];

    private void Write(string name, string text)
    {
        PrivateFile.CreateFolder(folder);

        // Written aside and moved: whoever reads meanwhile sees a whole key or none.
        var path = Path.Combine(folder, name + ".xml");
        var fresh = $"{path}.{Guid.NewGuid():N}";
        using (var file = new StreamWriter(PrivateFile.Create(fresh)))
        {
            file.Write(text);
        }

        File.Move(fresh, path, overwrite: true);
    }
}
