using Smtpy.Api.Http;
using Smtpy.Core;
using Smtpy.Core.Rules;
using Smtpy.Mail.Rewriting;

namespace Smtpy.Api.Rules;

/// <summary>How mail is handled: what is absent stays; null leaves it to the next wider level (alias, domain, instance).</summary>
public abstract record HandlingBody
{
    /// <summary>private: From becomes the contact's reverse address; transparent: nothing is touched but the trace.</summary>
    public string? Mode { get; set => (field, ModeIsGiven) = (value, true); }

    /// <summary>How a contact is called: name_and_domain, name_and_address, name_only, address_only, name_via_domain or domain_only.</summary>
    public string? FromFormat { get; set => (field, FromFormatIsGiven) = (value, true); }

    /// <summary>mark, quarantine or reject.</summary>
    public string? OnDmarcFail { get; set => (field, OnDmarcFailIsGiven) = (value, true); }

    /// <summary>mark, quarantine or reject.</summary>
    public string? OnSpfFail { get; set => (field, OnSpfFailIsGiven) = (value, true); }

    /// <summary>What the unsubscribe button does: keep (the sender's own), disable_alias or block_sender.</summary>
    public string? Unsubscribe { get; set => (field, UnsubscribeIsGiven) = (value, true); }

    internal bool ModeIsGiven { get; private set; }

    internal bool FromFormatIsGiven { get; private set; }

    internal bool OnDmarcFailIsGiven { get; private set; }

    internal bool OnSpfFailIsGiven { get; private set; }

    internal bool UnsubscribeIsGiven { get; private set; }

    internal Outcome<HandlingEdit> Read()
    {
        Problem? problem = null;
        var edit = new HandlingEdit
        {
            Mode = Choice<ForwardingMode>(Mode, ModeIsGiven, "mode", ref problem),
            FromFormat = Choice(FromFormat, FromFormatIsGiven, "from_format", ref problem, DisplayNameWord.Parse),
            OnDmarcFail = Choice<FailureAction>(OnDmarcFail, OnDmarcFailIsGiven, "on_dmarc_fail", ref problem),
            OnSpfFail = Choice<FailureAction>(OnSpfFail, OnSpfFailIsGiven, "on_spf_fail", ref problem),
            Unsubscribe = Choice<UnsubscribeChoice>(Unsubscribe, UnsubscribeIsGiven, "unsubscribe", ref problem),
        };
        return problem is null ? edit : problem;
    }

    private static Change<T> Choice<T>(string? word, bool isGiven, string field, ref Problem? problem, Func<string, T?>? parse = null)
        where T : struct, Enum
    {
        if (!isGiven)
        {
            return default;
        }

        var value = word is null ? null : (parse ?? Words.Parse<T>)(word);
        if (word is not null && value is null)
        {
            problem ??= Problem.Invalid($"The {field} must be one of: {string.Join(", ", Words.All<T>())}.", field);
        }

        return new Change<T>(value);
    }
}
