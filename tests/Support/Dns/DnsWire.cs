using System.Buffers.Binary;
using System.Text;

namespace Smtpy.Tests.Support.Dns;

/// <summary>The octets of DNS messages (RFC 1035 section 4), as far as the test server needs them. Text is Latin-1: an octet per character.</summary>
internal static class DnsWire
{
    public const int HeaderLength = 12;

    public static byte[] Name(string name)
    {
        var octets = new List<byte>();
        foreach (var label in name.Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            octets.Add((byte)label.Length);
            octets.AddRange(Encoding.Latin1.GetBytes(label));
        }

        octets.Add(0);
        return [.. octets];
    }

    /// <summary>The name of the question, and where its type begins.</summary>
    public static (string Name, int End) QuestionOf(ReadOnlySpan<byte> query)
    {
        var at = HeaderLength;
        var labels = new List<string>();
        while (query[at] != 0)
        {
            labels.Add(Encoding.Latin1.GetString(query.Slice(at + 1, query[at])));
            at += query[at] + 1;
        }

        return (string.Join('.', labels), at + 1);
    }

    public static byte[] Numbers(params uint[] numbers)
    {
        var octets = new byte[numbers.Length * 4];
        for (var i = 0; i < numbers.Length; i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(octets.AsSpan(i * 4), numbers[i]);
        }

        return octets;
    }

    public static byte[] Number16(int number) => [(byte)(number >> 8), (byte)number];

    public static byte[] Record(DnsRecord record) =>
    [
        .. Name(record.Name), .. Number16((int)record.Type), .. Number16(1), .. Numbers(record.Ttl), .. Number16(record.Data.Length), .. record.Data,
    ];
}

internal sealed record DnsRecord(string Name, DnsType Type, uint Ttl, byte[] Data);
