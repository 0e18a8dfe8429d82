using System.Globalization;
using System.Text;

namespace Smtpy.Mail.Dkim;

/// <summary>What the signatures of DKIM and ARC have in common when they are made.</summary>
internal static class SignatureWriter
{
    /// <summary>a=, c=, d=, s=, t=, h= and bh=, each with its semicolon.</summary>
    public static void WriteMessageTags(
        FieldFolder field, SigningKey key, List<ReadOnlyMemory<byte>> names, BodyHasher body, DateTimeOffset now)
    {
        if (!body.TryGetHash(BodyHashKind.Signing, out var bodyHash, out _))
        {
            throw new ArgumentException("The body was not hashed for signing, or has not ended.", nameof(body));
        }

        field.Word($"a={key.Key.Algorithm.Name()};").Word("c=relaxed/relaxed;").Word($"d={key.Domain};").Word($"s={key.Selector};")
            .Word($"t={now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)};");
        for (var number = 0; number < names.Count; number++)
        {
            var name = Encoding.ASCII.GetString(names[number].Span) + (number == names.Count - 1 ? ";" : ":");
            _ = number == 0 ? field.Word("h=" + name) : field.Continue(name);
        }

        field.Word($"bh={Convert.ToBase64String(bodyHash)};");
    }

    /// <summary>b=, over what was hashed and the field itself.</summary>
    public static byte[] Finish(FieldFolder field, SigningKey key, HeaderHash hash)
    {
        field.Word("b=");
        var signature = key.Key.Sign(hash.With(field.ToUnended(), ^0..^0));
        return field.Anywhere(Convert.ToBase64String(signature)).ToField();
    }
}
