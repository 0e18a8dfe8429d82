using System.Text;

namespace Smtpy.Mail.Headers;

/// <summary>
/// Changes to a header block, applied in one pass: fields are put before it and after it, left out or replaced where they
/// stand. Every other field, and every line that is no field, keeps its octets and its place.
/// </summary>
public sealed class HeaderEdit
{
    private readonly List<ReadOnlyMemory<byte>> _before = [];
    private readonly List<ReadOnlyMemory<byte>> _after = [];
    private readonly List<Change> _changes = [];

    /// <summary>Whether a field goes.</summary>
    public delegate bool FieldPredicate(in HeaderField field);

    private sealed record Change(byte[]? Name, FieldPredicate? Predicate, ReadOnlyMemory<byte>? Replacement);

    /// <param name="fields">Whole fields with their line ends; what is prepended last stands first.</param>
    public HeaderEdit Prepend(ReadOnlyMemory<byte> fields)
    {
        _before.Insert(0, fields);
        return this;
    }

    /// <param name="fields">Whole fields with their line ends.</param>
    public HeaderEdit Append(ReadOnlyMemory<byte> fields)
    {
        _after.Add(fields);
        return this;
    }

    /// <summary>Leaves out every field of this name.</summary>
    public HeaderEdit Remove(string name)
    {
        _changes.Add(new Change(Encoding.ASCII.GetBytes(name), null, null));
        return this;
    }

    /// <summary>Leaves out the fields that <paramref name="predicate"/> names.</summary>
    public HeaderEdit Remove(FieldPredicate predicate)
    {
        _changes.Add(new Change(null, predicate, null));
        return this;
    }

    /// <summary>Puts a whole field, with its line end, in the place of the first one of this name; further ones go. None is added.</summary>
    public HeaderEdit Replace(string name, ReadOnlyMemory<byte> field)
    {
        _changes.Add(new Change(Encoding.ASCII.GetBytes(name), null, field));
        return this;
    }

    /// <param name="header">A header block, or a message that begins with one.</param>
    /// <returns>The new block without the empty line that ends it.</returns>
    public ReadOnlyMemory<byte> Apply(ReadOnlySpan<byte> header)
    {
        var output = new HeaderOutput(new HeaderBlock(header).Length + _before.Sum(f => f.Length) + _after.Sum(f => f.Length)
            + _changes.Sum(change => change.Replacement?.Length ?? 0));
        _before.ForEach(fields => output.Raw(fields.Span));
        Span<bool> done = stackalloc bool[_changes.Count];
        foreach (var field in new HeaderBlock(header))
        {
            var index = Find(field);
            if (index < 0)
            {
                output.Keep(field);
            }
            else if (_changes[index].Replacement is { } replacement && !done[index])
            {
                output.Raw(replacement.Span);
                done[index] = true;
            }
        }

        _after.ForEach(fields => output.Raw(fields.Span));
        return output.Written;
    }

    private int Find(in HeaderField field)
    {
        for (var i = 0; i < _changes.Count; i++)
        {
            if (_changes[i].Predicate is { } predicate ? predicate(field) : field.Is(_changes[i].Name))
            {
                return i;
            }
        }

        return -1;
    }
}
