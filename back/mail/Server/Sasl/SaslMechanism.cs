using System.Collections.Frozen;

namespace Smtpy.Mail.Server.Sasl;

/// <summary>One exchange of a SASL mechanism (RFC 4422 section 3), from the server's side.</summary>
internal abstract class SaslMechanism(string name, SaslLookup lookup)
{
    /// <summary>As EHLO shows them, the one to be preferred first: clients that take the first one they know get it.</summary>
    public const string Offered = "SCRAM-SHA-256 PLAIN LOGIN";

    private static readonly FrozenDictionary<string, Func<SaslLookup, SaslMechanism>> Known =
        new Dictionary<string, Func<SaslLookup, SaslMechanism>>
        {
            ["SCRAM-SHA-256"] = static lookup => new ScramMechanism(lookup),
            ["PLAIN"] = static lookup => new PlainMechanism(lookup),
            ["LOGIN"] = static lookup => new LoginMechanism(lookup),
        }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    public string Name => name;

    protected SaslLookup Lookup => lookup;

    public static bool IsKnown(string name) => Known.ContainsKey(name);

    public static SaslMechanism Begin(string name, SaslLookup lookup) => Known[name](lookup);

    /// <param name="response">What the client sent, decoded; null at the beginning where AUTH came without an initial response.</param>
    public abstract ValueTask<SaslStep> NextAsync(ReadOnlyMemory<byte>? response, CancellationToken cancellationToken);

    protected async ValueTask<SaslStep> CheckPasswordAsync(string userName, ReadOnlyMemory<byte> password, CancellationToken cancellationToken)
    {
        var (candidate, refusal) = await lookup.FindAsync(userName, cancellationToken);
        if (candidate is null)
        {
            return new SaslStep(SaslStatus.Refused) { Refusal = refusal };
        }

        var isRight = await lookup.Passwords.VerifyAsync(candidate.Credentials, password, cancellationToken);
        return isRight is null ? new SaslStep(SaslStatus.Busy) : candidate.Outcome(isRight.Value, Name);
    }
}
