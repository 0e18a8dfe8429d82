using System.CommandLine;
using System.Text.Json;
using Smtpy.Core.Rules;
using Smtpy.Mail.Rewriting;

namespace Smtpy.Server.Commands;

/// <summary>The options of "alias set" and "domain set" that say how mail is handled; "inherit" leaves it to the next wider level.</summary>
internal sealed class HandlingOptions
{
    private const string Inherit = "inherit";

    private readonly Option<string?> _mode = Choice<ForwardingMode>("--mode", "private: From becomes a reverse address; transparent: nothing is touched but the trace");
    private readonly Option<string?> _fromFormat = FormatChoice();
    private readonly Option<string?> _onDmarcFail = Choice<FailureAction>("--on-dmarc-fail", "what is done with mail whose sender DMARC disowns");
    private readonly Option<string?> _onSpfFail = Choice<FailureAction>("--on-spf-fail", "what is done with mail that fails SPF hard");
    private readonly Option<string?> _unsubscribe = Choice<UnsubscribeChoice>("--unsubscribe", "what the unsubscribe button of a newsletter does");

    public void AddTo(Command command)
    {
        command.Add(_mode);
        command.Add(_fromFormat);
        command.Add(_onDmarcFail);
        command.Add(_onSpfFail);
        command.Add(_unsubscribe);
    }

    public HandlingEdit Read(ParseResult parsed) => new()
    {
        Mode = Change<ForwardingMode>(parsed.GetValue(_mode)),
        FromFormat = parsed.GetValue(_fromFormat) is { } word ? new Change<DisplayNameFormat>(DisplayNameWord.Parse(word)) : default,
        OnDmarcFail = Change<FailureAction>(parsed.GetValue(_onDmarcFail)),
        OnSpfFail = Change<FailureAction>(parsed.GetValue(_onSpfFail)),
        Unsubscribe = Change<UnsubscribeChoice>(parsed.GetValue(_unsubscribe)),
    };

    /// <summary>What is set, for a person: "mode private, on-dmarc-fail reject"; what is left to others is not named.</summary>
    public static string Describe(MailHandling handling)
    {
        var parts = new[]
        {
            Part("mode", handling.Mode), Part("from-format", handling.FromFormat), Part("on-dmarc-fail", handling.OnDmarcFail),
            Part("on-spf-fail", handling.OnSpfFail), Part("unsubscribe", handling.Unsubscribe),
        }.Where(static part => part.Length > 0).ToList();
        return parts.Count == 0 ? "everything inherited" : string.Join(", ", parts);
    }

    internal static string Word<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());

    internal static T? Parse<T>(string? word)
        where T : struct, Enum
    {
        foreach (var value in Enum.GetValues<T>())
        {
            if (Word(value).Equals(word, StringComparison.Ordinal))
            {
                return value;
            }
        }

        return null;
    }

    internal static Option<string?> Words<T>(string name, string description, params string[] more)
        where T : struct, Enum
    {
        var option = new Option<string?>(name) { Description = description };
        option.OnlyFrom([.. Enum.GetValues<T>().Select(Word), .. more]);
        return option;
    }

    private static Option<string?> Choice<T>(string name, string description)
        where T : struct, Enum => Words<T>(name, description, Inherit);

    private static Option<string?> FormatChoice()
    {
        var option = new Option<string?>("--from-format") { Description = "how a contact is called" };
        option.OnlyFrom(static word => word == Inherit || DisplayNameWord.Parse(word) is not null, [.. Enum.GetValues<DisplayNameFormat>().Select(Word), Inherit]);
        return option;
    }

    private static Change<T> Change<T>(string? word)
        where T : struct, Enum => word is null ? default : new Change<T>(Parse<T>(word));

    private static string Part<T>(string name, T? value)
        where T : struct, Enum => value is { } set ? $"{name} {Word(set)}" : "";
}
