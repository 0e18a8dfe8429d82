using System.Text;
using System.Text.RegularExpressions;
using MimeKit;
using Smtpy.Tests.Support.Processes;
using Xunit;

namespace Smtpy.EndToEnd.Correspondence;

/// <summary>A message as it lies in somebody's Maildir.</summary>
internal sealed class Mail
{
    private readonly MailWorld _world;

    private Mail(byte[] octets, MimeMessage message, MailWorld world) => (Octets, Message, _world) = (octets, message, world);

    public byte[] Octets { get; }

    public MimeMessage Message { get; }

    public string Source => Encoding.UTF8.GetString(Octets);

    public MailboxAddress From => (MailboxAddress)Assert.Single(Message.From);

    /// <summary>
    /// What one host says in Authentication-Results, or in the chain of seals: Rspamd, as most checkers, removes the former of others.
    /// </summary>
    public string VerdictOf(string host) => string.Join(
        '\n', Message.Headers.Where(static field => field.Id is HeaderId.AuthenticationResults or HeaderId.ArcAuthenticationResults)
            .Select(static field => field.Value).Where(value => Regex.IsMatch(value, $@"^\s*(i=\d+;\s*)?{Regex.Escape(host)};")));

    public static async Task<Mail> ReadAsync(byte[] octets, MailWorld world)
    {
        using var stream = new MemoryStream(octets);
        return new Mail(octets, await MimeMessage.LoadAsync(stream), world);
    }

    public string? Header(string name) => Message.Headers[name];

    /// <summary>dkimpy, and the name server as it is now.</summary>
    public Task<DkimpyAnswer> VerifyAsync() => Dkimpy.VerifyAsync(Octets, _world.Hosts.Dns.Port);

    /// <summary>The destination's checker passes DMARC, and what <see cref="AssertSoundAsync"/> says.</summary>
    public async Task AssertTrustedAsync(string signer, int seals)
    {
        Assert.True(VerdictOf("mx.home.test").Contains("dmarc=pass", StringComparison.Ordinal), Source);
        await AssertSoundAsync(signer, seals);
    }

    /// <summary>dkimpy finds every signature sound, one of them of this domain, and the chain of seals too.</summary>
    public async Task AssertSoundAsync(string signer, int seals)
    {
        var answer = await VerifyAsync();
        Assert.Contains(answer.Signatures, signature => signature.Domain == signer);
        Assert.All(answer.Signatures, signature => Assert.True(signature.Passes, $"{signature}\n{Source}"));
        Assert.True((answer.Chain, answer.Instances) == (seals > 0 ? "pass" : "none", seals), $"{answer}\n{Source}");
    }

    /// <summary>The source, every field and every part decoded: where something could stand that nobody may read.</summary>
    public IEnumerable<string> Everything()
    {
        yield return Encoding.Latin1.GetString(Octets);
        foreach (var field in Message.Headers)
        {
            yield return field.Value;
        }

        foreach (var entity in new MimeIterator(Message).Parts())
        {
            foreach (var field in entity.Headers)
            {
                yield return field.Value;
            }

            if (entity is MimePart { Content: { } content })
            {
                using var plain = new MemoryStream();
                content.DecodeTo(plain);
                yield return Encoding.UTF8.GetString(plain.ToArray());
            }
        }
    }
}

internal static class MimeIteration
{
    public static IEnumerable<MimeEntity> Parts(this MimeIterator iterator)
    {
        while (iterator.MoveNext())
        {
            yield return iterator.Current;
        }
    }
}
