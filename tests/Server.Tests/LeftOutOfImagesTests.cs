using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Xml.Linq;
using Smtpy.Tests.Support;
using Xunit;

namespace Smtpy.Server.Tests;

/// <summary>
/// Nothing that smtpy.dll refers to, itself or through what it refers to, is left out of the images (back/server/Container.targets).
/// </summary>
/// <remarks>
/// Proven by the metadata of the assemblies that are built here and of the shared framework they run on, which has the files of the
/// one that images carry: every type that is named in code is followed to the assembly that defines it, through all that forward
/// it. Not followed: what runs inside Windows' web server only. Not proven: what is found by a name at run time (Type.GetType), and native libraries.
/// </remarks>
public sealed class LeftOutOfImagesTests
{
    private static readonly string[] Folders =
    [
        Path.GetDirectoryName(Repository.SmtpyExecutable)!,
        Path.GetDirectoryName(typeof(object).Assembly.Location)!,
        Path.GetDirectoryName(typeof(Microsoft.AspNetCore.Http.HttpContext).Assembly.Location)!,
    ];

    private const string OnWindowsOnly = "Microsoft.AspNetCore.Server.IIS";

    [Fact]
    public void Nothing_that_is_referred_to_is_left_out()
    {
        var leftOut = LeftOut();
        var because = Closure("smtpy");

        // The walk does reach both frameworks, or it would find nothing ever.
        Assert.Contains("System.Private.CoreLib", because.Keys);
        Assert.Contains("Microsoft.AspNetCore.Server.Kestrel.Core", because.Keys);
        Assert.Contains("Npgsql", because.Keys);
        var missing = leftOut.Where(because.ContainsKey).Select(name => $"{name} is wanted: {Chain(because, name)}").ToList();
        Assert.True(missing.Count == 0, string.Join('\n', missing));
    }

    [Fact]
    public void What_is_left_out_exists_and_its_own_wants_are_seen()
    {
        var managed = LeftOut().Where(static name => Find(name) is not null).ToList();
        Assert.True(managed.Count > 15, $"only {managed.Count} of the list are assemblies of the frameworks: are they spelt right?");

        // The same walk, begun at one of them, finds another: it would see such a reference.
        Assert.Contains("Microsoft.AspNetCore.SignalR.Core", Closure("Microsoft.AspNetCore.SignalR").Keys);
    }

    private static List<string> LeftOut() =>
    [
        .. XDocument.Load(Path.Combine(Repository.Root, "back/server/Container.targets")).Descendants("LeftOutOfImages")
            .Select(static item => item.Attribute("Include")?.Value).OfType<string>().SelectMany(static files => files.Split(';'))
            .Where(static file => file.EndsWith(".dll", StringComparison.Ordinal)).Select(static file => file[..^4]),
    ];

    /// <returns>Each assembly, and the one that first wanted it.</returns>
    private static Dictionary<string, string> Closure(string root)
    {
        var because = new Dictionary<string, string> { [root] = "" };
        var waiting = new Queue<string>([root]);
        var loaded = new Dictionary<string, PEReader?>();
        while (waiting.TryDequeue(out var name))
        {
            foreach (var wanted in Wanted(name, loaded))
            {
                if (because.TryAdd(wanted, name))
                {
                    waiting.Enqueue(wanted);
                }
            }
        }

        return because;
    }

    /// <summary>Assemblies that define the types this one names, and those that forward them on the way.</summary>
    private static HashSet<string> Wanted(string assembly, Dictionary<string, PEReader?> loaded)
    {
        var wanted = new HashSet<string>();
        if (assembly == OnWindowsOnly || Load(assembly, loaded) is not { } reader)
        {
            return wanted;
        }

        foreach (var handle in reader.TypeReferences)
        {
            var type = reader.GetTypeReference(handle);
            if (type.ResolutionScope.Kind == HandleKind.AssemblyReference)
            {
                var target = reader.GetString(reader.GetAssemblyReference((AssemblyReferenceHandle)type.ResolutionScope).Name);
                Follow(target, reader.GetString(type.Namespace), reader.GetString(type.Name), wanted, loaded);
            }
        }

        return wanted;
    }

    private static void Follow(string assembly, string space, string name, HashSet<string> wanted, Dictionary<string, PEReader?> loaded)
    {
        wanted.Add(assembly);
        if (Load(assembly, loaded) is not { } reader)
        {
            return;
        }

        foreach (var handle in reader.ExportedTypes)
        {
            var type = reader.GetExportedType(handle);
            if (type.Implementation.Kind == HandleKind.AssemblyReference && reader.StringComparer.Equals(type.Name, name)
                && reader.StringComparer.Equals(type.Namespace, space))
            {
                var target = reader.GetString(reader.GetAssemblyReference((AssemblyReferenceHandle)type.Implementation).Name);
                Follow(target, space, name, wanted, loaded);
            }
        }
    }

    private static MetadataReader? Load(string assembly, Dictionary<string, PEReader?> loaded)
    {
        if (!loaded.TryGetValue(assembly, out var reader))
        {
            reader = Find(assembly) is { } path ? new PEReader([.. File.ReadAllBytes(path)]) : null;
            loaded.Add(assembly, reader);
        }

        return reader?.GetMetadataReader();
    }

    private static string? Find(string assembly) => Folders.Select(folder => Path.Combine(folder, assembly + ".dll")).FirstOrDefault(File.Exists);

    private static string Chain(Dictionary<string, string> because, string name)
    {
        var chain = name;
        while (because[name].Length > 0)
        {
            name = because[name];
            chain = $"{name} -> {chain}";
        }

        return chain;
    }
}
