namespace Smtpy.Mail.Spf;

/// <summary>A macro-string (RFC 7208 section 7.1), taken apart.</summary>
internal sealed class MacroString(IReadOnlyList<MacroPart> parts)
{
    public IReadOnlyList<MacroPart> Parts { get; } = parts;

    /// <summary>Whether the macro "p" is in it, which costs DNS queries.</summary>
    public bool NeedsValidatedName { get; } = parts.Any(static part => part.Letter == 'p');
}

/// <summary>Literal text, or one macro.</summary>
/// <param name="Literal">Null for a macro.</param>
/// <param name="Letter">Lower case.</param>
/// <param name="Escape">The letter was upper case: the value is URL-escaped.</param>
/// <param name="Count">How many parts are kept from the right; 0: all.</param>
/// <param name="Reverse">The parts are put in reverse order first.</param>
/// <param name="Delimiters">What the value is taken apart at.</param>
internal readonly record struct MacroPart(
    string? Literal, char Letter = '\0', bool Escape = false, int Count = 0, bool Reverse = false, string Delimiters = ".");
