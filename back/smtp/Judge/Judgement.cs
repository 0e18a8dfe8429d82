using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Smtpy.Mail.AuthenticationResults;

namespace Smtpy.Smtp.Judge;

/// <summary>
/// What was found out about a message when it came in: stored with it, as JSON, for whoever makes something of it later and for the
/// story its owner reads. All words are those of RFC 8601.
/// </summary>
public sealed record Judgement
{
    /// <summary>For mail that nobody judged: our own, and what a signed-in client submitted.</summary>
    public static Judgement None { get; } = new();

    public SpfJudgement? Spf { get; init; }

    /// <summary>One for each signature, in the message's order.</summary>
    public IReadOnlyList<DkimJudgement> Dkim { get; init; } = [];

    public DmarcJudgement? Dmarc { get; init; }

    public ArcJudgement? Arc { get; init; }

    /// <summary>Address in From that was judged; null where none could be read.</summary>
    public string? From { get; init; }

    /// <summary>Null where no filter was asked.</summary>
    public SpamJudgement? Spam { get; init; }

    /// <summary>Content of an Authentication-Results field, unfolded, our authserv-id first; empty where nothing was judged.</summary>
    public string Results { get; init; } = "";

    /// <summary>False where From holds something that is no address: what mail clients make of it, nobody judged.</summary>
    public bool HasSoundAuthor { get; init; } = true;

    /// <summary>Proved by the client's address (SPF), and not by a signature alone.</summary>
    public bool IsAuthenticatedBySpf { get; init; }

    /// <summary>Proved by a signature that covers who it is to, its subject and what its body is: nobody can send it to somebody else.</summary>
    public bool IsContentSigned { get; init; }

    /// <summary>The sender is who From says: DMARC passes, or without a policy SPF or DKIM pass for the very domain.</summary>
    public bool IsAuthenticated { get; init; }

    /// <summary>A signature aligned with From holds: it still does after forwarding where nothing that it covers is touched.</summary>
    public bool IsSignedByAuthor { get; init; }

    /// <summary>Not stored: null where it was read from the store.</summary>
    internal WrittenResults? Written { get; init; }

    public string ToJson() => JsonSerializer.Serialize(this, JudgementJson.Default.Judgement);

    /// <summary>None for null and for what another version wrote and this one cannot read.</summary>
    public static Judgement Parse(string? json)
    {
        if (string.IsNullOrEmpty(json))
        {
            return None;
        }

        try
        {
            // What is left out is null here, not what the initialiser says.
            return JsonSerializer.Deserialize(json, JudgementJson.Default.Judgement) is { } read
                ? read with { Dkim = read.Dkim ?? [], Results = read.Results ?? "" }
                : None;
        }
        catch (JsonException)
        {
            return None;
        }
    }

    /// <summary>The results as a list, for a seal; empty where nothing was judged.</summary>
    public IReadOnlyList<AuthenticationResult> ReadResults() =>
        Written is { } written ? written.List : AuthenticationResultsParser.TryParse(Encoding.UTF8.GetBytes(Results), out var content) ? content.Results : [];
}

/// <summary>What <see cref="Judgement.Results"/> was made of, and the field that it is the content of: who still has them need not read it.</summary>
internal sealed record WrittenResults(IReadOnlyList<AuthenticationResult> List, ReadOnlyMemory<byte> Field);

public sealed record SpfJudgement(string Result, string Domain, string? Explanation);

public sealed record DkimJudgement(string Result, string Domain, string Selector, string? Reason);

/// <param name="Policy">none, quarantine or reject, as published for this From; null where there is no record.</param>
/// <param name="Disposition">What follows: none, quarantine or reject.</param>
/// <param name="Domain">Whose record was used.</param>
public sealed record DmarcJudgement(string Result, string? Policy, string Disposition, string? Domain);

/// <param name="Sealer">Domain of the newest seal; null where there is none.</param>
public sealed record ArcJudgement(string Result, int Instances, string? Sealer)
{
    /// <summary>Domain of a trusted sealer who had found DMARC to pass for this From; null for none.</summary>
    public string? Voucher { get; init; }
}

/// <param name="Action">What the filter advises, in its own words.</param>
public sealed record SpamJudgement(double Score, double Threshold, string Action);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(Judgement))]
internal sealed partial class JudgementJson : JsonSerializerContext;
