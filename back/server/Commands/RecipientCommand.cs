using System.CommandLine;
using System.Globalization;
using Smtpy.Core.Messages;
using Smtpy.Core.Recipients;

namespace Smtpy.Server.Commands;

internal static class RecipientCommand
{
    /// <summary>More than any key; what is longer is refused by whoever reads it.</summary>
    private const int MostKeyOctets = 1024 * 1024;

    public static Command Create(Option<bool> json) => new("recipient", "Mailboxes that aliases forward to")
    {
        List(json),
        Pause(json),
        Resume(json),
        new Command("key", "The key that a mailbox's mail is encrypted with") { SetKey(json), RemoveKey(json) },
        Subject(json),
    };

    private static Command List(Option<bool> json)
    {
        var command = new Command("list", "All recipients");
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var scope = await AdminScope.OpenAsync(cancellationToken);
            var recipients = await scope.Get<ListRecipients>().RunAsync(null, null, cancellationToken);
            var output = new Output(parsed.GetValue(json));
            var now = TimeProvider.System.GetUtcNow();
            return output.IsJson
                ? output.Done(recipients.Select(static r => Json(r.Recipient)), "")
                : output.List(
                    recipients, "no recipients; an alias brings its own: smtpy alias add ADDRESS --to RECIPIENT",
                    ("recipient", static r => r.Recipient.Email), ("verified", static r => r.Recipient.VerifiedAt is null ? "no" : "yes"),
                    ("paused", static r => Day(r.Recipient.PausedAt) ?? "no"), ("encryption", r => Encryption(r.Recipient, now)),
                    ("aliases", static r => r.Aliases.ToString(CultureInfo.InvariantCulture)));
        });
        return command;
    }

    private static Command Pause(Option<bool> json)
    {
        var (email, user) = (Email(), User());
        var command = new Command("pause", "Hold what comes for a mailbox") { email, user };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var scope = await AdminScope.OpenAsync(cancellationToken);
            var selector = new RecipientSelector(parsed.GetRequiredValue(email), parsed.GetValue(user));
            return new Output(parsed.GetValue(json)).Show(
                await scope.Get<EditRecipient>().RunAsync(selector, new RecipientEdit(Paused: true), cancellationToken),
                static r => (Json(r), $"what comes for {r.Email} is held"));
        });
        return command;
    }

    private static Command Resume(Option<bool> json)
    {
        var (email, user) = (Email(), User());
        var command = new Command("resume", "Forward to a mailbox again; what is held for it stays held until it is released") { email, user };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var scope = await AdminScope.OpenAsync(cancellationToken);
            var selector = new RecipientSelector(parsed.GetRequiredValue(email), parsed.GetValue(user));
            var outcome = await scope.Get<EditRecipient>().RunAsync(selector, new RecipientEdit(Paused: false), cancellationToken);
            var held = outcome.Succeeded ? await scope.Get<CountHeld>().RunAsync(outcome.Value, cancellationToken) : 0;
            return new Output(parsed.GetValue(json)).Show(outcome, r => (Json(r), $"mail is forwarded to {r.Email}{StillHeld(held)}"));
        });
        return command;
    }

    private static string StillHeld(int messages) => messages == 0 ? ""
        : $"\n{(messages == 1 ? "1 message is" : $"{messages} messages are")} still held for it: smtpy queue list --state held, then smtpy queue release ID";

    private static Command SetKey(Option<bool> json)
    {
        var (email, user) = (Email(), User());
        var file = new Argument<FileInfo>("file") { Description = "an OpenPGP public key or an X.509 certificate, armoured or binary" };
        var command = new Command("set", "Encrypt a mailbox's mail with this key from now on") { email, file, user };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var output = new Output(parsed.GetValue(json));
            var key = parsed.GetRequiredValue(file);
            byte[] octets;
            try
            {
                if (key.Exists && key.Length > MostKeyOctets)
                {
                    return output.Fail($"{key.FullName} is larger than any key.");
                }

                octets = await File.ReadAllBytesAsync(key.FullName, cancellationToken);
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                return output.Fail(FileProblem.Reading(key.FullName, failure));
            }

            await using var scope = await AdminScope.OpenAsync(cancellationToken);
            var selector = new RecipientSelector(parsed.GetRequiredValue(email), parsed.GetValue(user));
            return output.Show(await scope.Get<SetRecipientKey>().RunAsync(selector, octets, cancellationToken), static set => (
                Json(set.Recipient),
                $"mail to {set.Recipient.Email} is encrypted with {set.Key.Algorithm} {set.Recipient.EncryptionFingerprint}"
                + (set.Key.ExpiresAt is { } end ? $" until {Day(end)}" : "")));
        });
        return command;
    }

    private static Command RemoveKey(Option<bool> json)
    {
        var (email, user) = (Email(), User());
        var command = new Command("remove", "Remove a mailbox's key: its mail is sent in clear") { email, user };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var scope = await AdminScope.OpenAsync(cancellationToken);
            var selector = new RecipientSelector(parsed.GetRequiredValue(email), parsed.GetValue(user));
            return new Output(parsed.GetValue(json)).Show(
                await scope.Get<RemoveRecipientKey>().RunAsync(selector, cancellationToken),
                static r => (Json(r), $"mail to {r.Email} is sent in clear"));
        });
        return command;
    }

    private static Command Subject(Option<bool> json)
    {
        var (email, user) = (Email(), User());
        var state = new Argument<string>("state") { Description = "on or off" };
        state.OnlyFrom("on", "off");
        var command = new Command("protect-subject", "Put the subject into the encrypted part; outside stands \"...\"") { email, state, user };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var scope = await AdminScope.OpenAsync(cancellationToken);
            var selector = new RecipientSelector(parsed.GetRequiredValue(email), parsed.GetValue(user));
            var edit = new RecipientEdit(ProtectSubject: parsed.GetRequiredValue(state) == "on");
            return new Output(parsed.GetValue(json)).Show(
                await scope.Get<EditRecipient>().RunAsync(selector, edit, cancellationToken),
                static r => (Json(r), $"subjects of mail to {r.Email} are {(r.ProtectSubject ? "protected" : "readable")}" + (r is { ProtectSubject: true, Encryption: EncryptionKind.None } ? ", once there is a key: until then all of it goes in clear" : "")));
        });
        return command;
    }

    private static Argument<string> Email() => new("recipient") { Description = "the mailbox's address" };

    private static Option<string?> User() => new("--user") { Description = "the account it belongs to, where several have it" };

    private static object Json(Recipient recipient) => new
    {
        recipient.Id,
        recipient.Email,
        recipient.VerifiedAt,
        recipient.PausedAt,
        recipient.Encryption,
        recipient.EncryptionFingerprint,
        recipient.EncryptionExpiresAt,
        recipient.ProtectSubject,
        recipient.CreatedAt,
    };

    private static string Encryption(Recipient recipient, DateTimeOffset now) => recipient.Encryption switch
    {
        EncryptionKind.None => recipient.EncryptionKey is null ? "no" : "off",
        var kind => kind.ToString().ToUpperInvariant() + (recipient.EncryptionExpiresAt is not { } end ? ""
            : end <= now ? $", EXPIRED {Day(end)}: mail is held" : $" until {Day(end)}"),
    };

    private static string? Day(DateTimeOffset? at) => at?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
