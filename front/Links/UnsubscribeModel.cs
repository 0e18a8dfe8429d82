namespace Smtpy.Web.Links;

/// <summary>What the page of an unsubscribe link says.</summary>
/// <param name="Button">What the form's button says; null where there is nothing to confirm.</param>
public sealed record UnsubscribeModel(string Title, IReadOnlyList<string> Paragraphs, string? Button);
