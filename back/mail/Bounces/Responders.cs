namespace Smtpy.Mail.Bounces;

/// <summary>Answers by programs: out of office, vacation, challenges.</summary>
internal static class Responders
{
    // Weak: people write such subjects too. They count only beside a sign that a program sent it.
    private static readonly string[] AwaySubjects =
    [
        "automatic reply", "auto reply", "autoreply", "auto-reply", "auto:", "autoresponse", "auto response", "out of office", "out of the office",
        "out-of-office", "away from", "on vacation", "vacation reply", "on holiday", "automatische antwort", "abwesenheit", "nicht im b\u00fcro",
        "r\u00e9ponse automatique", "absence du bureau", "respuesta autom\u00e1tica", "fuera de la oficina", "risposta automatica", "fuori sede",
        "automatisch antwoord", "afwezig", "odpowied\u017a automatyczna", "autosvar", "resposta autom\u00e1tica",
    ];

    private static readonly string[] ChallengeWords =
    [
        "please confirm your message", "confirm that you sent", "confirm you are human", "sender verification", "verify your email to deliver",
        "requires verification", "requires confirmation", "[spamarrest]", "boxtrapper", "click the link below to complete the verification",
        "held until you confirm", "prove that you are", "tmda",
    ];

    /// <returns>Null where it is none.</returns>
    public static MailReport? Read(string subject, string text, AutomaticSigns signs, bool nullSender, string from)
    {
        var replied = signs.HasFlag(AutomaticSigns.AutoReplied);
        var automatic = nullSender || (signs & ~AutomaticSigns.List) != AutomaticSigns.None;
        if (!replied && !automatic)
        {
            return null;
        }

        if (Says(subject, ChallengeWords) || Says(text, ChallengeWords))
        {
            return Reply(ReportShape.Challenge, from);
        }

        return replied || Says(subject, AwaySubjects) ? Reply(ReportShape.Responder, from) : null;
    }

    private static MailReport Reply(ReportShape shape, string from) => new()
    {
        Kind = ReportKind.AutoReply,
        Shape = shape,
        Recipients = from.Length == 0 ? [] : [new ReportedRecipient(from, null, ReportKind.AutoReply, null, "", null)],
    };

    private static bool Says(string text, string[] phrases) =>
        Array.Exists(phrases, phrase => text.Contains(phrase, StringComparison.OrdinalIgnoreCase));
}
