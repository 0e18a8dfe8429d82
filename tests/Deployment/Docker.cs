using System.Text.Json;
using Smtpy.Tests.Support.Processes;

namespace Smtpy.Deployment;

/// <summary>The docker command line: what is checked is what an operator would see.</summary>
internal static class Docker
{
    public static async Task<string> RunAsync(params string[] arguments) =>
        (await TryAsync(arguments)).MustSucceed().Trim();

    public static Task<ProgramResult> TryAsync(params string[] arguments) =>
        ChildProcess.RunAsync(["docker", .. arguments], limit: TimeSpan.FromMinutes(3));

    /// <summary>What "docker inspect" says of one container, network or image.</summary>
    public static async Task<JsonElement> InspectAsync(string name)
    {
        using var document = JsonDocument.Parse(await RunAsync("inspect", name));
        return document.RootElement[0].Clone();
    }

    /// <summary>SIGKILL to the container's first process, from outside the engine: a crash, which the restart policy has to answer.</summary>
    public static async Task CrashAsync(string container)
    {
        var process = (await InspectAsync(container)).GetProperty("State").GetProperty("Pid").GetInt32();
        (await ChildProcess.RunAsync(["kill", "-9", process.ToString(System.Globalization.CultureInfo.InvariantCulture)])).MustSucceed();
    }

    /// <returns>"healthy", "starting" …; the plain state ("running", "restarting") of a container without a health check.</returns>
    public static async Task<string> HealthAsync(string container)
    {
        var state = (await InspectAsync(container)).GetProperty("State");
        return state.GetProperty("Status").GetString() == "running" && state.TryGetProperty("Health", out var health)
            ? health.GetProperty("Status").GetString()!
            : state.GetProperty("Status").GetString()!;
    }
}
