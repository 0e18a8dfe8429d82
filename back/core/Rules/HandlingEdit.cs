using Smtpy.Mail.Rewriting;

namespace Smtpy.Core.Rules;

/// <summary>What is to change of a <see cref="MailHandling"/>; what is not given stays, a given null leaves it to the next wider level.</summary>
public sealed record HandlingEdit
{
    public Change<ForwardingMode> Mode { get; init; }

    public Change<DisplayNameFormat> FromFormat { get; init; }

    public Change<FailureAction> OnDmarcFail { get; init; }

    public Change<FailureAction> OnSpfFail { get; init; }

    public Change<UnsubscribeChoice> Unsubscribe { get; init; }

    internal void ApplyTo(MailHandling handling)
    {
        handling.Mode = Mode.Over(handling.Mode);
        handling.FromFormat = FromFormat.Over(handling.FromFormat);
        handling.OnDmarcFail = OnDmarcFail.Over(handling.OnDmarcFail);
        handling.OnSpfFail = OnSpfFail.Over(handling.OnSpfFail);
        handling.Unsubscribe = Unsubscribe.Over(handling.Unsubscribe);
    }
}

/// <summary>A value to be set, null included; the default is no change.</summary>
public readonly record struct Change<T>
    where T : struct
{
    public Change(T? value) => (IsGiven, Value) = (true, value);

    public bool IsGiven { get; }

    public T? Value { get; }

    internal T? Over(T? current) => IsGiven ? Value : current;
}
