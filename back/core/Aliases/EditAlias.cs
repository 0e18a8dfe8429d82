using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Rules;
using Smtpy.Core.Storage;
using Smtpy.Mail.Rewriting;

namespace Smtpy.Core.Aliases;

/// <summary>Changes what an alias says about itself and how its mail is handled; not where it goes.</summary>
public sealed class EditAlias(IDbContextFactory<SmtpyContext> contexts, TimeProvider time)
{
    public Task<Outcome<Alias>> RunAsync(AliasSelector selector, AliasEdit edit, CancellationToken cancellationToken)
    {
        if (Check(edit) is { } wrong)
        {
            return Task.FromResult<Outcome<Alias>>(wrong);
        }

        return contexts.ChangeAsync<Alias>(
            async context =>
            {
                if (await selector.FindAsync(context, deleted: null, cancellationToken) is not { } alias)
                {
                    return selector.Missing();
                }

                alias.Description = edit.Description ?? alias.Description;
                alias.FromName = edit.FromName is null ? alias.FromName : edit.FromName.Length == 0 ? null : edit.FromName;
                alias.Pinned = edit.Pinned ?? alias.Pinned;
                edit.Handling.ApplyTo(alias.Handling);
                alias.KnownSendersOnly = edit.KnownSendersOnly ?? alias.KnownSendersOnly;
                alias.SubjectTemplate = edit.SubjectTemplate is null ? alias.SubjectTemplate
                    : edit.SubjectTemplate.Length == 0 ? null : edit.SubjectTemplate;
                alias.Banner = edit.Banner ?? alias.Banner;
                alias.CleanReplies = edit.CleanReplies ?? alias.CleanReplies;
                alias.UpdatedAt = time.GetUtcNow();
                await context.SaveChangesAsync(cancellationToken);
                return alias;
            },
            cancellationToken);
    }

    /// <returns>What is wrong with it whatever the alias; null for nothing.</returns>
    public static Problem? Check(AliasEdit edit) =>
        TextRules.Check(edit.Description, Alias.LongestDescription, "description")
        ?? TextRules.Check(edit.FromName, Alias.LongestFromName, "from_name")
        ?? CheckTemplate(edit.SubjectTemplate);

    /// <summary>Mail whose subject is lost, or reads "{subjekt}", is noticed by those it was for, too late.</summary>
    private static Problem? CheckTemplate(string? template)
    {
        const string field = "subject_template";
        return TextRules.CheckLine(template, Alias.LongestSubjectTemplate, field)
            ?? (template is { Length: > 0 } && SubjectTemplate.Check(template) is { } wrong ? Problem.Invalid(wrong, field) : null);
    }
}

/// <summary>Null leaves a value as it is; empty text clears it.</summary>
public sealed record AliasEdit(string? Description = null, string? FromName = null, bool? Pinned = null)
{
    public HandlingEdit Handling { get; init; } = new();

    public bool? KnownSendersOnly { get; init; }

    public string? SubjectTemplate { get; init; }

    public BannerPlace? Banner { get; init; }

    public bool? CleanReplies { get; init; }
}
