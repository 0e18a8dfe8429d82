using System.Globalization;

namespace Smtpy.Api.Http;

/// <param name="Data">What was asked for.</param>
public sealed record DataOf<T>(T Data);

/// <param name="Message">What was done, for a person.</param>
/// <param name="Ids">What it was done to.</param>
public sealed record BulkAnswer(string Message, IReadOnlyList<Guid> Ids);

/// <summary>The body of a request that names one thing.</summary>
/// <param name="Id">Its id.</param>
public sealed record IdBody(Guid? Id);

internal static class Moments
{
    /// <summary>addy.io's form: "2026-03-14 09:00:00", UTC.</summary>
    public static string Text(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    public static string? Text(DateTimeOffset? moment) => moment is { } at ? Text(at) : null;
}
