using System.Diagnostics.CodeAnalysis;

namespace Smtpy.Core;

/// <summary>What a use case came to: its value, or why not. Exceptions are left for what nobody could expect.</summary>
public readonly record struct Outcome<T>
{
    private Outcome(T? value, Problem? problem) => (Value, Problem) = (value, problem);

    public T? Value { get; }

    /// <summary>Null exactly when it succeeded.</summary>
    public Problem? Problem { get; }

    [MemberNotNullWhen(true, nameof(Value))]
    [MemberNotNullWhen(false, nameof(Problem))]
    public bool Succeeded => Problem is null;

    public static implicit operator Outcome<T>(T value) => new(value, null);

    public static implicit operator Outcome<T>(Problem problem) => new(default, problem);
}

/// <param name="Message">One line for a person: what is wrong, with the value, and what to do.</param>
/// <param name="Field">The input that is wrong, by its name in the API; null where it is none in particular.</param>
public sealed record Problem(ProblemKind Kind, string Message, string? Field = null)
{
    public static Problem Invalid(string message, string? field = null) => new(ProblemKind.Invalid, message, field);

    public static Problem NotFound(string message) => new(ProblemKind.NotFound, message);

    public static Problem Conflict(string message, string? field = null) => new(ProblemKind.Conflict, message, field);

    public static Problem NotPossible(string message) => new(ProblemKind.NotPossible, message);
}

public enum ProblemKind
{
    /// <summary>The input can never be right (HTTP 422).</summary>
    Invalid,

    /// <summary>What it names does not exist (404).</summary>
    NotFound,

    /// <summary>It exists already (409).</summary>
    Conflict,

    /// <summary>Its state does not allow it now (409).</summary>
    NotPossible,
}
