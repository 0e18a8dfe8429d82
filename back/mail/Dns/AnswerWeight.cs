namespace Smtpy.Mail.Dns;

/// <summary>
/// About what the values of an answer take in memory. Not its length on the wire: names there may be pointers to one long name, a thousand
/// times over (RFC 1035 section 4.1.4).
/// </summary>
internal static class AnswerWeight
{
    /// <summary>Of an object with what refers to it.</summary>
    public const int Entry = 100;

    public static int Of(string text) => Entry + (2 * text.Length);

    public static int Of<T>(IEnumerable<T> values, Func<T, int> weigh) => values.Sum(weigh);
}
