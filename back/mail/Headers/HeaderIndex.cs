using System.Text;

namespace Smtpy.Mail.Headers;

/// <summary>
/// The fields of a header block by number, 0 at the top, with the fields of one name chained from the bottom up: the order in which
/// signatures choose them (RFC 6376 section 5.4.2). Made once for a message, in time and memory linear to the block.
/// </summary>
public sealed class HeaderIndex
{
    // Longer names differ in their length or are compared in full.
    private const int HashedOctets = 64;

    private readonly List<ReadOnlyMemory<byte>> _fields = [];
    private readonly List<int> _previous = [];
    private readonly Dictionary<int, int> _last = [];

    /// <param name="blocks">
    /// Octets of header fields with their line ends, the top ones first; each may go on after its empty line. Several, so that fields
    /// just made need not be copied before the others.
    /// </param>
    public HeaderIndex(params ReadOnlySpan<ReadOnlyMemory<byte>> blocks)
    {
        foreach (var block in blocks)
        {
            var at = 0;
            foreach (var field in new HeaderBlock(block.Span))
            {
                Add(block.Slice(at, field.Raw.Length), field.Name);
                at += field.Raw.Length;
            }
        }
    }

    public int Count => _fields.Count;

    /// <summary>
    /// Whether a line below the first is no field. Some mail programs read it as more of the field above, others as the end of the header.
    /// The first may be the separator of a mailbox file.
    /// </summary>
    public bool HasStrayLines { get; private set; }

    /// <summary>All octets of the field, its line ends included.</summary>
    public ReadOnlyMemory<byte> Raw(int index) => _fields[index];

    public HeaderField Field(int index) => new(_fields[index].Span);

    /// <summary>The lowest field of this name, in any case; -1 when there is none.</summary>
    public int Last(ReadOnlySpan<byte> name) =>
        !name.IsEmpty && _last.TryGetValue(Hash(name), out var index) ? SameName(index, name) : -1;

    /// <summary>The next field of the same name above; -1 when there is none.</summary>
    public int Previous(int index) => SameName(_previous[index], Field(index).Name);

    /// <summary>The fields of this name from the top.</summary>
    public IReadOnlyList<int> All(ReadOnlySpan<byte> name)
    {
        List<int> all = [];
        for (var index = Last(name); index >= 0; index = Previous(index))
        {
            all.Add(index);
        }

        all.Reverse();
        return all;
    }

    private static int Hash(ReadOnlySpan<byte> name)
    {
        Span<byte> lower = stackalloc byte[HashedOctets];
        var length = Math.Min(name.Length, HashedOctets);
        Ascii.ToLower(name[..length], lower, out _);
        var hash = new HashCode();
        hash.Add(name.Length);
        hash.AddBytes(lower[..length]);
        return hash.ToHashCode();
    }

    private int SameName(int index, ReadOnlySpan<byte> name)
    {
        while (index >= 0 && !Field(index).Is(name))
        {
            index = _previous[index];
        }

        return index;
    }

    private void Add(ReadOnlyMemory<byte> field, ReadOnlySpan<byte> name)
    {
        var previous = -1;
        if (!name.IsEmpty)
        {
            var hash = Hash(name);
            previous = _last.GetValueOrDefault(hash, -1);
            _last[hash] = _fields.Count;
        }
        else
        {
            HasStrayLines |= _fields.Count > 0;
        }

        _fields.Add(field);
        _previous.Add(previous);
    }
}
