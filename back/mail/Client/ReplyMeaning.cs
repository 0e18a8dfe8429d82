namespace Smtpy.Mail.Client;

/// <summary>What a reply means for a recipient.</summary>
internal static class ReplyMeaning
{
    /// <summary>The first digit decides (RFC 5321 section 4.2.1); 1yz and 3yz where nothing of the kind was asked are no answer.</summary>
    public static SendStatus StatusOf(int code) => (code / 100) switch
    {
        2 => SendStatus.Delivered,
        5 => SendStatus.Refused,
        _ => SendStatus.Deferred,
    };

    /// <summary>Too many recipients for one transaction (RFC 5321 section 4.5.3.1.10): the rest go in the next one, at once.</summary>
    public static bool IsTooMany(PeerReply reply) =>
        reply.Code is 452 or 552 && (reply.Enhanced is null || reply.Enhanced.EndsWith(".5.3", StringComparison.Ordinal));
}
