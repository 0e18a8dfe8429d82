using System.Runtime.InteropServices;
using SharpFuzz.Common;

namespace Smtpy.Fuzz.Driver;

/// <summary>
/// Where the code under test went: SharpFuzz's instrumentation counts each branch in a map of 64 Ki octets, as AFL's does.
/// An assembly that is not instrumented counts nothing, and every input looks alike.
/// </summary>
internal sealed unsafe class CoverageMap
{
    private const int Size = 65_536;

    // Never freed: instrumented code goes on writing there without asking.
    private readonly byte* _map = (byte*)NativeMemory.AllocZeroed(Size);
    private readonly byte[] _seen = new byte[Size];

    public CoverageMap() => Trace.SharedMem = _map;

    /// <summary>Branches seen so far.</summary>
    public int Branches { get; private set; }

    public void Clear()
    {
        new Span<byte>(_map, Size).Clear();
        Trace.PrevLocation = 0;
    }

    /// <summary>Whether the last input took a branch, or took it an order of magnitude more often, for the first time.</summary>
    public bool IsNew()
    {
        var found = false;
        var map = new ReadOnlySpan<byte>(_map, Size);
        for (var from = map.IndexOfAnyExcept((byte)0); from >= 0;)
        {
            var bucket = Bucket(map[from]);
            if ((_seen[from] & bucket) == 0)
            {
                Branches += _seen[from] == 0 ? 1 : 0;
                _seen[from] |= bucket;
                found = true;
            }

            var next = map[(from + 1)..].IndexOfAnyExcept((byte)0);
            from = next < 0 ? -1 : from + 1 + next;
        }

        return found;
    }


    private static byte Bucket(byte count) => count switch
    {
        1 => 1,
        2 => 2,
        3 => 4,
        < 8 => 8,
        < 16 => 16,
        < 32 => 32,
        < 128 => 64,
        _ => 128,
    };
}
