using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Smtpy.Mail.Arc;
using Smtpy.Mail.Authentication;
using Smtpy.Mail.Dkim;
using Smtpy.Mail.Spf;

namespace Smtpy.Server.Authenticate;

/// <summary>The answer for one message, in the words of RFC 8601.</summary>
/// <param name="Dmarc">Null where there was no message.</param>
/// <param name="Arc">Null where there was no message.</param>
internal sealed record AuthenticationAnswer(JsonElement? Id, SpfAnswer Spf, IReadOnlyList<DkimAnswer> Dkim, DmarcAnswer? Dmarc, ArcAnswer? Arc)
{
    public static AuthenticationAnswer Of(JsonElement id, SpfOutcome spf) => new(Named(id), SpfAnswer.Of(spf), [], null, null);

    public static AuthenticationAnswer Of(JsonElement id, MessageAuthentication found) => new(
        Named(id), SpfAnswer.Of(found.Spf),
        [.. found.Dkim.Select(static result => new DkimAnswer(result.Verdict.Word(), result.Domain, result.Selector, OrNull(result.Reason)))],
        new DmarcAnswer(found.Dmarc.Result.Word(), found.Dmarc.Policy?.Word(), found.Dmarc.Disposition.Word(), found.Dmarc.Domain),
        new ArcAnswer(found.Arc.Status.Word(), found.Arc.Instances));

    public static string Error(JsonElement id, string problem) =>
        JsonSerializer.Serialize(new ErrorAnswer(Named(id), problem), AnswerJson.Lines.ErrorAnswer);

    public string ToJson() => JsonSerializer.Serialize(this, AnswerJson.Lines.AuthenticationAnswer);

    /// <summary>For a person.</summary>
    public override string ToString()
    {
        var text = new StringBuilder($"spf    {Spf.Result,-9} {Spf.Domain}");
        text.Append(Spf.Explanation is { } why ? $" ({why})\n" : "\n");
        foreach (var signature in Dkim)
        {
            var reason = signature.Reason is { } wrong ? $" ({wrong})" : "";
            text.Append($"dkim   {signature.Result,-9} {signature.Domain}, selector {signature.Selector}{reason}\n");
        }

        if (Dmarc is not null && Dkim.Count == 0)
        {
            text.Append("dkim   none\n");
        }

        if (Dmarc is { } dmarc)
        {
            text.Append($"dmarc  {dmarc.Result,-9} {dmarc.Domain}");
            text.Append(dmarc.Policy is { } policy ? $", policy {policy}, to do: {dmarc.Disposition}\n" : "\n");
        }

        return text.Append(Arc is { } arc ? $"arc    {arc.Result,-9} sets: {arc.Instances}" : "").ToString().TrimEnd('\n');
    }

    private static JsonElement? Named(JsonElement id) => id.ValueKind == JsonValueKind.Undefined ? null : id;

    private static string? OrNull(string text) => text.Length == 0 ? null : text;
}

/// <param name="Explanation">With fail only.</param>
internal sealed record SpfAnswer(string Result, string Domain, string? Explanation)
{
    public static SpfAnswer Of(SpfOutcome spf) => new(spf.Result.Word(), spf.Domain, spf.Explanation);
}

internal sealed record DkimAnswer(string Result, string Domain, string Selector, string? Reason);

internal sealed record DmarcAnswer(string Result, string? Policy, string Disposition, string? Domain);

internal sealed record ArcAnswer(string Result, int Instances);

internal sealed record ErrorAnswer(JsonElement? Id, string Error);

[JsonSerializable(typeof(AuthenticationAnswer))]
[JsonSerializable(typeof(ErrorAnswer))]
internal sealed partial class AnswerJson : JsonSerializerContext
{
    /// <summary>One object a line, readable as it is.</summary>
    public static AnswerJson Lines { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
