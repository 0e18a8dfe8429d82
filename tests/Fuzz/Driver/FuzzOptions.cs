namespace Smtpy.Fuzz.Driver;

/// <summary>One run of one target.</summary>
/// <param name="Corpus">Folder of seeds; may be missing.</param>
/// <param name="Findings">Folder that failing inputs are written to.</param>
/// <param name="Seed">Of the random choices: with the same seed and corpus the same inputs come in the same order.</param>
internal sealed record FuzzOptions(string Corpus, string Findings, TimeSpan Time, int Seed)
{
    /// <summary>Inputs after which the run ends even if there is time left.</summary>
    public long MaxInputs { get; init; } = long.MaxValue;

    /// <summary>Octets; 16 KiB: enough for every structure a parser can tell apart, short enough to try many.</summary>
    public int MaxLength { get; init; } = 16 * 1024;

    /// <summary>An input that takes longer has found a loop; 20 s, far above what a loaded machine needs for the slowest.</summary>
    public TimeSpan InputLimit { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Octets one input may have allocated; 64 MiB, four thousand times the longest input.</summary>
    public long AllocationLimit { get; init; } = 64 * 1024 * 1024;

    /// <summary>Octets that all inputs together may have left in use; 128 MiB.</summary>
    public long GrowthLimit { get; init; } = 128 * 1024 * 1024;
}
