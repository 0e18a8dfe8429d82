namespace Smtpy.Web.Layout;

/// <summary>A page that says why there is no page.</summary>
/// <param name="Setting">The setting that changes the matter, as it is written in the environment; or null.</param>
/// <param name="WayOut">Whether a link to the capture mailbox would help the reader.</param>
public sealed record ProblemModel(int Status, string Title, IReadOnlyList<string> Paragraphs, string? Setting, bool WayOut);
