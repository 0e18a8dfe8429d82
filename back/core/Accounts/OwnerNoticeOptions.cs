using System.Globalization;

namespace Smtpy.Core.Accounts;

/// <summary>What owners are told, and how often.</summary>
public sealed record OwnerNoticeOptions
{
    /// <summary>
    /// Notices of one kind that an account gets on one day (UTC). 10: each can be looked at; a flood of held mail must not become a
    /// flood of notices. The last one of a day says so, and the first of the next how many were left out.
    /// </summary>
    public int MostPerDay { get; init; } = 10;

    /// <summary>PUBLIC_URL: base of the links in notices.</summary>
    public Uri PublicUrl { get; init; } = new("http://localhost:8000");
}

/// <summary>How an owner gets at something: by a command on the server, or by the API for programs that have a key.</summary>
internal sealed class OwnerWays(Uri publicUrl)
{
    private readonly string _api = publicUrl.GetLeftPart(UriPartial.Path).TrimEnd('/') + "/api/v1/";

    public string Messages => Lines("messages", "smtpy queue list");

    public string Story(long id) => Lines(Message(id), string.Create(CultureInfo.InvariantCulture, $"smtpy queue show {id}"));

    public string Held(long id) => Lines(
        Message(id), string.Create(CultureInfo.InvariantCulture, $"smtpy queue show {id}"),
        string.Create(CultureInfo.InvariantCulture, $"smtpy queue release {id}"), string.Create(CultureInfo.InvariantCulture, $"smtpy queue drop {id}"));

    public string Resume(string recipient) => Lines("recipients", $"smtpy recipient resume {recipient}");

    private static string Message(long id) => string.Create(CultureInfo.InvariantCulture, $"messages/{id}");

    private string Lines(string resource, params IEnumerable<string> commands) =>
        string.Concat(commands.Select(static command => $"    {command}\n")) + $"or, with an API key, {_api}{resource}";
}
