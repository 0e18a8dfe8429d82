using System.Text;
using Smtpy.Fuzz;
using Smtpy.Fuzz.Driver;
using Smtpy.Mail.Tests.Encryption;
using Xunit;

namespace Smtpy.Mail.Tests.Fuzzing;

/// <summary>A fuzzer that finds nothing in broken code would be worse than none.</summary>
public sealed class FuzzDriverTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Findings => Path.Combine(_folder.Path, "findings");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_target_that_throws_fails_the_run_and_its_input_is_kept_and_fails_again()
    {
        var targets = new Dictionary<string, FuzzTarget>
        {
            ["broken"] = static input =>
            {
                if (input.IndexOf("@\r\n"u8) >= 0)
                {
                    throw new InvalidOperationException("deliberately broken");
                }
            },
        };
        var output = new StringWriter();
        Assert.Equal(1, FuzzCommand.Run(targets, ["run", "broken", "600", _folder.Path, Findings, "1"], output));
        Assert.Contains("broken: FAILED after ", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("deliberately broken", output.ToString(), StringComparison.Ordinal);
        var file = Assert.Single(Directory.GetFiles(Findings));
        Assert.Contains("@\r\n", Encoding.Latin1.GetString(File.ReadAllBytes(file)), StringComparison.Ordinal);
        Assert.Equal(1, FuzzCommand.Run(targets, ["replay", "broken", file], TextWriter.Null));
    }

    [Fact]
    public void A_seed_that_fails_is_found_at_once()
    {
        File.WriteAllText(Path.Combine(_folder.Path, "seed"), "bad");
        var outcome = Run(static input => _ = input is [_, _, _] ? throw new InvalidDataException() : 0, maxInputs: 1);
        Assert.Contains(nameof(InvalidDataException), outcome.Failure, StringComparison.Ordinal);
        Assert.Equal("bad"u8, File.ReadAllBytes(outcome.File!));
    }

    [Fact]
    public void A_target_that_allocates_without_bound_fails_the_run()
    {
        var outcome = Run(static input => GC.KeepAlive(new byte[100 * 1024 * 1024]), maxInputs: 10);
        Assert.Contains("octets were allocated for one input", outcome.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public void A_target_that_keeps_what_it_was_given_fails_the_run()
    {
        var kept = new List<byte[]>();
        var outcome = Run(input => kept.Add(new byte[10 * 1024 * 1024]), maxInputs: 20);
        Assert.Contains("octets are still in use", outcome.Failure, StringComparison.Ordinal);
        Assert.Equal(20, kept.Count);
    }

    [Fact]
    public void The_same_seed_tries_the_same_inputs()
    {
        List<string> Inputs()
        {
            var inputs = new List<string>();
            Assert.Null(Run(input => inputs.Add(Convert.ToHexString(input)), maxInputs: 500).Failure);
            return inputs;
        }

        var first = Inputs();
        Assert.Equal(first, Inputs());
        Assert.True(first.Distinct().Count() > 250);
    }

    [Fact]
    public void Every_target_has_seeds_and_stands_them_and_a_thousand_inputs_made_of_them()
    {
        var corpus = Path.Combine(AppContext.BaseDirectory, "../../../../Fuzz/corpus");
        Assert.Equal(FuzzTargets.All.Keys, Directory.GetDirectories(corpus).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        foreach (var (name, target) in FuzzTargets.All)
        {
            var options = new FuzzOptions(Path.Combine(corpus, name), Findings, TimeSpan.FromHours(1), 7) { MaxInputs = 1000 };
            Assert.Null(new FuzzRun(name, target, options).Run().Failure);
        }
    }

    [Fact]
    public void A_wrong_command_line_is_told()
    {
        var output = new StringWriter();
        Assert.Equal(2, FuzzCommand.Run(FuzzTargets.All, ["run", "nothing", "1", "x", "y"], output));
        Assert.StartsWith("Usage:", output.ToString(), StringComparison.Ordinal);
    }

    private FuzzOutcome Run(FuzzTarget target, long maxInputs) => new FuzzRun(
        "test", target, new FuzzOptions(_folder.Path, Findings, TimeSpan.FromHours(1), 1) { MaxInputs = maxInputs }).Run();
}
