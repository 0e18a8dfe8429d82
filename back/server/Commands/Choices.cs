using System.CommandLine;
using System.CommandLine.Parsing;

namespace Smtpy.Server.Commands;

/// <summary>Options and arguments that take one of a few words, and say which when given another.</summary>
internal static class Choices
{
    public static void OnlyFrom<T>(this Option<T> option, params string[] words) =>
        option.OnlyFrom(word => words.Contains(word, StringComparer.Ordinal), words);

    /// <param name="accepts">True for each word that is taken: those of <paramref name="words"/>, and others that mean the same.</param>
    public static void OnlyFrom<T>(this Option<T> option, Func<string, bool> accepts, string[] words)
    {
        option.CompletionSources.Clear();
        option.CompletionSources.Add(words);
        option.Validators.Add(result => Check(result, option.Name, accepts, words));
    }

    public static void OnlyFrom<T>(this Argument<T> argument, params string[] words)
    {
        argument.CompletionSources.Clear();
        argument.CompletionSources.Add(words);
        argument.Validators.Add(result => Check(result, argument.Name, word => words.Contains(word, StringComparer.Ordinal), words));
    }

    private static void Check(SymbolResult result, string name, Func<string, bool> accepts, string[] words)
    {
        foreach (var token in result.Tokens.Where(token => !accepts(token.Value)))
        {
            result.AddError($"{name} \"{Output.Printable(token.Value)}\" is not accepted: {string.Join(", ", words)}.");
        }
    }
}
