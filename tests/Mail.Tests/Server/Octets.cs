using System.Buffers;
using FsCheck;
using FsCheck.Fluent;

namespace Smtpy.Mail.Tests.Server;

/// <summary>Generators of octets as the network brings them: any octets, cut anywhere.</summary>
internal static class Octets
{
    /// <summary>Mostly the octets that framers look at.</summary>
    public static Gen<byte[]> Tricky { get; } = Gen.Elements(
        (byte)'\r', (byte)'\n', (byte)'.', (byte)'\r', (byte)'\n', (byte)'.', (byte)'a', (byte)0, (byte)0xff).ArrayOf();

    /// <summary>Built of whole line ends, so that few are bare.</summary>
    public static Gen<byte[]> Lines { get; } = Gen.Elements<byte[]>(
        "\r\n"u8.ToArray(), "\r\n"u8.ToArray(), "."u8.ToArray(), "a"u8.ToArray(), "text"u8.ToArray(), [0xff], ".."u8.ToArray())
        .ListOf().Select(pieces => pieces.SelectMany(piece => piece).ToArray());

    /// <summary>Sizes of the pieces, repeated as often as needed.</summary>
    public static Gen<int[]> Cuts { get; } = Gen.Choose(1, 7).NonEmptyListOf().Select(sizes => sizes.ToArray());

    public static IEnumerable<byte[]> Split(byte[] octets, int[] cuts)
    {
        for (int at = 0, cut = 0; at < octets.Length; cut++)
        {
            var size = Math.Min(cuts[cut % cuts.Length], octets.Length - at);
            yield return octets[at..(at + size)];
            at += size;
        }
    }

    /// <summary>One sequence of several segments.</summary>
    public static ReadOnlySequence<byte> Sequence(IEnumerable<byte[]> pieces)
    {
        Segment? first = null;
        Segment? last = null;
        foreach (var piece in pieces)
        {
            last = new Segment(piece, last);
            first ??= last;
        }

        return first is null ? ReadOnlySequence<byte>.Empty : new ReadOnlySequence<byte>(first, 0, last!, last!.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(byte[] octets, Segment? previous)
        {
            Memory = octets;
            if (previous is not null)
            {
                previous.Next = this;
                RunningIndex = previous.RunningIndex + previous.Memory.Length;
            }
        }
    }
}
