using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Smtpy.Deployment;

/// <summary>
/// What the stages measured: the table of docs/DEPLOYMENT_GUIDE.md, and the same as JSON, in artifacts/deployment.
/// <c>scripts/test-deployment.sh --write-guide</c> puts the table into the guide.
/// </summary>
internal sealed class Measurements
{
    /// <summary>What the table says of a row that no stage reached; a table with it does not get into the guide.</summary>
    private const string Missing = "not measured";

    private readonly List<(GuideRow Row, string Result)> _results = [];

    public void Add(GuideRow row, string result)
    {
        lock (_results)
        {
            _results.Add((row, result));
        }

        Console.WriteLine($"MEASURED {row.Area}: {row.What}: {result}");
    }

    public void Write(string folder)
    {
        Directory.CreateDirectory(folder);
        var table = new StringBuilder(string.Create(
            CultureInfo.InvariantCulture,
            $"Measured on {TimeProvider.System.GetUtcNow():yyyy-MM-dd}, {Environment.ProcessorCount} cores:\n\n| area | what | how it is tested | measured |\n| --- | --- | --- | --- |\n"));
        var area = "";
        foreach (var row in GuideRow.All)
        {
            table.Append(CultureInfo.InvariantCulture, $"| {(row.Area == area ? "" : $"**{row.Area}** ")}| {row.What} | {row.How} | {Cell(row)} |\n");
            area = row.Area;
        }

        File.WriteAllText(Path.Combine(folder, "measurements.md"), table.ToString());
        File.WriteAllText(Path.Combine(folder, "measurements.json"), JsonSerializer.Serialize(
            _results.Select(static measured => new { measured.Row.Area, measured.Row.What, measured.Result })));
    }

    /// <summary>A bar or a line's end would end the cell.</summary>
    private string Cell(GuideRow row)
    {
        var results = _results.Where(measured => measured.Row == row).Select(static measured => measured.Result).ToArray();
        return results.Length == 0 ? Missing : string.Join(". ", results).Replace("|", "\\|", StringComparison.Ordinal).ReplaceLineEndings(" ");
    }
}
