using System.Text.Json;

namespace Smtpy.Api.Http;

/// <summary>Enumerations as the API writes them: snake case.</summary>
internal static class Words
{
    public static string Of<T>(T value)
        where T : struct, Enum => Names<T>.ByValue[value];

    public static string? Of<T>(T? value)
        where T : struct, Enum => value is { } given ? Of(given) : null;

    public static T? Parse<T>(string text)
        where T : struct, Enum => Names<T>.ByWord.TryGetValue(text, out var value) ? value : null;

    public static IEnumerable<string> All<T>()
        where T : struct, Enum => Names<T>.ByWord.Keys;

    private static class Names<T>
        where T : struct, Enum
    {
        public static readonly IReadOnlyDictionary<T, string> ByValue =
            Enum.GetValues<T>().ToDictionary(static value => value, static value => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()));

        public static readonly IReadOnlyDictionary<string, T> ByWord = ByValue.ToDictionary(static pair => pair.Value, static pair => pair.Key, StringComparer.Ordinal);
    }
}
