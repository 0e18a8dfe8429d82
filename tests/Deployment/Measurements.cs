using System.Text;
using System.Text.Json;

namespace Smtpy.Deployment;

/// <summary>What the stages measured, for docs/DEPLOYMENT_GUIDE.md: a table and the same as JSON in artifacts/deployment.</summary>
internal sealed class Measurements
{
    private readonly List<Row> _rows = [];

    /// <param name="area">A group of the guide's table "What needs testing".</param>
    public void Add(string area, string what, string result)
    {
        lock (_rows)
        {
            _rows.Add(new Row(area, what, result));
        }

        Console.WriteLine($"MEASURED {area}: {what}: {result}");
    }

    public void Write(string folder)
    {
        Directory.CreateDirectory(folder);
        var table = new StringBuilder("| area | what | measured |\n| --- | --- | --- |\n");
        foreach (var row in _rows)
        {
            table.Append(System.Globalization.CultureInfo.InvariantCulture, $"| {row.Area} | {row.What} | {row.Result} |\n");
        }

        File.WriteAllText(Path.Combine(folder, "measurements.md"), table.ToString());
        File.WriteAllText(Path.Combine(folder, "measurements.json"), JsonSerializer.Serialize(_rows));
    }

    private sealed record Row(string Area, string What, string Result);
}
