using System.Text;
using Smtpy.Mail.Addresses;

namespace Smtpy.Mail.Rewriting;

/// <summary>Makes a Subject of a template such as "[{alias}] {subject}".</summary>
public static class SubjectTemplate
{
    /// <summary>Characters of the result: what is longer is cut, so that the field stays within a few lines.</summary>
    public const int Longest = 500;

    /// <summary>What stands in braces, for messages and help.</summary>
    public const string Placeholders = "{subject}, {alias}, {alias.local}, {domain}, {name}, {sender}";

    /// <returns>What is wrong with a template that a person gives, as one sentence; null for nothing.</returns>
    public static string? Check(string template)
    {
        ArgumentNullException.ThrowIfNull(template);
        var hasSubject = false;
        for (var i = template.IndexOf('{', StringComparison.Ordinal); i >= 0; i = template.IndexOf('{', i + 1))
        {
            var end = template.IndexOf('}', i);
            var next = template.IndexOf('{', i + 1);
            if (end < 0 || (next >= 0 && next < end))
            {
                // A brace that nothing closes is text.
                continue;
            }

            var placeholder = template[i..(end + 1)];
            hasSubject |= placeholder == "{subject}";
            if (!Placeholders.Split(", ").Contains(placeholder, StringComparer.Ordinal))
            {
                return $"The subject template may not hold {placeholder}; accepted are {Placeholders}.";
            }
        }

        return hasSubject ? null : $"The subject template must hold {{subject}}; accepted are {Placeholders}.";
    }

    /// <summary>
    /// Placeholders: {subject}, {alias} (the address), {alias.local}, {domain} (of the alias), {name} and {sender} (of the
    /// author; empty where unknown). Anything else in braces stays.
    /// </summary>
    public static string Apply(string template, string subject, EmailAddress alias, Mailbox? author)
    {
        ArgumentNullException.ThrowIfNull(template);
        ArgumentNullException.ThrowIfNull(alias);
        var text = new StringBuilder(template.Length + 64);
        for (var i = 0; i < template.Length && text.Length < Longest; i++)
        {
            var end = template[i] == '{' ? template.IndexOf('}', i) : -1;
            var value = end < 0 ? null : template[(i + 1)..end] switch
            {
                "subject" => subject,
                "alias" => alias.Address,
                "alias.local" => alias.LocalPart,
                "domain" => alias.Domain,
                "name" => author?.DisplayName ?? "",
                "sender" => author?.Address.Address ?? "",
                _ => null,
            };
            _ = value is null ? text.Append(template[i]) : text.Append(value);
            i = value is null ? i : end;
        }

        var length = Math.Min(text.Length, Longest);
        length -= length > 0 && char.IsHighSurrogate(text[length - 1]) ? 1 : 0;
        return text.ToString(0, length).Trim();
    }
}
