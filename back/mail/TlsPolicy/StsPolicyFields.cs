using System.Globalization;
using Smtpy.Mail.Addresses;

namespace Smtpy.Mail.TlsPolicy;

/// <summary>Gathers the lines of a policy file (RFC 8461 section 3.2).</summary>
internal ref struct StsPolicyFields()
{
    private readonly List<string> _patterns = [];
    private ReadOnlySpan<char> _version;
    private ReadOnlySpan<char> _mode;
    private ReadOnlySpan<char> _maxAge;
    private string? _problem;

    public void Add(ReadOnlySpan<char> line)
    {
        var colon = line.IndexOf(':');
        if (colon < 0)
        {
            if (!line.IsEmpty)
            {
                _problem ??= "a line without a colon";
            }

            return;
        }

        var value = line[(colon + 1)..].Trim(" \t");
        switch (line[..colon])
        {
            case "version":
                First(ref _version, value);
                break;
            case "mode":
                First(ref _mode, value);
                break;
            case "max_age":
                First(ref _maxAge, value);
                break;
            case "mx":
                AddPattern(value);
                break;
        }
    }

    public readonly StsPolicy? ToPolicy(out string problem)
    {
        StsMode? mode = _mode switch { "enforce" => StsMode.Enforce, "testing" => StsMode.Testing, "none" => StsMode.None, _ => null };
        var hasAge = ulong.TryParse(_maxAge, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && _maxAge.Length <= 10;
        problem = _problem
            ?? (_version is not "STSv1" ? "no version STSv1"
            : mode is null ? "no mode that is known"
            : !hasAge ? "no max_age"
            : mode != StsMode.None && _patterns.Count == 0 ? "no mx"
            : "");
        return problem.Length > 0
            ? null
            : new StsPolicy(mode!.Value, _patterns, TimeSpan.FromSeconds(Math.Min(seconds, StsPolicy.LongestAge.TotalSeconds)));
    }

    private static void First(ref ReadOnlySpan<char> field, ReadOnlySpan<char> value)
    {
        if (field.IsEmpty)
        {
            field = value;
        }
    }

    private void AddPattern(ReadOnlySpan<char> value)
    {
        var isWild = value.StartsWith("*.");
        if (!DomainName.TryNormalize((isWild ? value[2..] : value).ToString(), out var name))
        {
            _problem ??= "an mx that is no host name";
        }
        else if (_patterns.Count == StsPolicy.MaxPatterns)
        {
            _problem ??= "too many mx";
        }
        else
        {
            _patterns.Add(isWild ? "*." + name : name);
        }
    }
}
