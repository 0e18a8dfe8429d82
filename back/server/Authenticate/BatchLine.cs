using System.Text;
using System.Text.Json;
using Smtpy.Server.Commands;

namespace Smtpy.Server.Authenticate;

/// <summary>Reads one line of a batch: {"id","ip","helo","from","message"|"file","now"}.</summary>
internal static class BatchLine
{
    /// <returns>The input, or its id as far as it could be read and what is wrong.</returns>
    public static async Task<(AuthenticationInput? Input, JsonElement Id, string Problem)> ReadAsync(string line, CancellationToken cancellationToken)
    {
        var id = default(JsonElement);
        try
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
            {
                return (null, id, "the line is no JSON object");
            }

            id = root.TryGetProperty("id", out var given) ? given.Clone() : default;
            var ip = Text(root, "ip");
            if (!AuthenticationInput.TryClient(ip, out var client))
            {
                return (null, id, ip is null ? $"\"ip\" is needed: {AuthenticationInput.Addresses}" : $"\"ip\" \"{ip}\" is not accepted: {AuthenticationInput.Addresses}");
            }

            if (!TryNow(root, out var now))
            {
                return (null, id, "\"now\" is no time in seconds since 1970");
            }

            var message = await MessageAsync(root, cancellationToken);
            return (new AuthenticationInput(
                id, client, Text(root, "helo") ?? "", AuthenticationInput.Unbracketed(Text(root, "from") ?? ""), message, now), id, "");
        }
        catch (JsonException)
        {
            return (null, id, "the line is no JSON object");
        }
        catch (Exception wrong) when (wrong is InvalidOperationException or FormatException or IOException or UnauthorizedAccessException
            or ArgumentException or NotSupportedException)
        {
            return (null, id, wrong.Message);
        }
    }

    private static async Task<ReadOnlyMemory<byte>?> MessageAsync(JsonElement root, CancellationToken cancellationToken)
    {
        if (Text(root, "message") is { } text)
        {
            return AuthenticationInput.WithCrLf(Encoding.UTF8.GetBytes(text));
        }

        if (Text(root, "file") is { } path)
        {
            return await FileAsync(path, cancellationToken);
        }

        // Not as an array that is null, which would be an empty message.
        return null;
    }

    /// <exception cref="IOException">It cannot be read; the message names it.</exception>
    private static async Task<byte[]> FileAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return AuthenticationInput.WithCrLf(await File.ReadAllBytesAsync(path, cancellationToken));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new IOException(FileProblem.Reading(path, failure), failure);
        }
    }

    /// <summary>Null where it is not there or null.</summary>
    /// <exception cref="InvalidOperationException">It is something else than a text.</exception>
    private static string? Text(JsonElement root, string name)
    {
        if (!root.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.String ? value.GetString() : throw new InvalidOperationException($"\"{name}\" is no text");
    }

    private static bool TryNow(JsonElement root, out DateTimeOffset? now)
    {
        now = null;
        if (!root.TryGetProperty("now", out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return true;
        }

        now = value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var seconds) ? AuthenticationInput.Instant(seconds) : null;
        return now is not null;
    }
}
