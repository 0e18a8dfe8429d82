using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using Smtpy.Mail.Dns;

namespace Smtpy.Mail.Spf;

/// <summary>One check: check_host of RFC 7208 section 4, with the counts that its includes and redirects share.</summary>
internal sealed class SpfEvaluation
{
    private readonly IRecordResolver _resolver;
    private readonly SpfOptions _options;
    private readonly SpfIdentity _identity;
    private readonly MacroExpander _macros;
    private readonly ClientNames _names;
    private readonly CancellationToken _cancellationToken;
    private int _lookups;
    private int _voids;
    private string _problem = "";

    public SpfEvaluation(
        IRecordResolver resolver, SpfOptions options, SpfIdentity identity, TimeProvider time, CancellationToken cancellationToken)
    {
        (_resolver, _options, _identity, _cancellationToken) = (resolver, options, identity, cancellationToken);
        _macros = new MacroExpander(identity, options, time);
        _names = new ClientNames(resolver, identity.Client, options, cancellationToken);
    }

    /// <summary>Depth is bounded by <see cref="SpfOptions.MaxLookups"/>: each include and redirect is one.</summary>
    public async ValueTask<SpfVerdict> CheckHostAsync(string domain)
    {
        var answer = await _resolver.FindTextsAsync(domain, _cancellationToken);
        if (answer.Status == DnsStatus.TemporaryFailure)
        {
            return SpfVerdict.Of(SpfResult.TempError, domain, $"{domain}: {answer.Reason}");
        }

        if (!TrySelect(answer.Records, out var text))
        {
            return text is null
                ? SpfVerdict.Of(SpfResult.None, domain, $"{domain} publishes no SPF record")
                : SpfVerdict.Of(SpfResult.PermError, domain, $"{domain} publishes several SPF records");
        }

        if (!SpfRecordParser.TryParse(text, out var record, out var error))
        {
            return SpfVerdict.Of(SpfResult.PermError, domain, $"{domain}: {error}");
        }

        foreach (var directive in record.Directives)
        {
            switch (await MatchAsync(directive, domain))
            {
                case SpfMatch.Yes:
                    return new SpfVerdict(directive.Outcome, domain, directive.Text, record, "");
                case SpfMatch.TempError:
                    return SpfVerdict.Of(SpfResult.TempError, domain, _problem);
                case SpfMatch.PermError:
                    return SpfVerdict.Of(SpfResult.PermError, domain, _problem);
            }
        }

        return record.Redirect is null
            ? new SpfVerdict(SpfResult.Neutral, domain, null, record, "")
            : await RedirectAsync(record.Redirect, domain);
    }

    /// <summary>The text that "exp" names (section 6.2), before macros; null without one. These queries count towards no limit.</summary>
    public async ValueTask<string?> ExplainAsync(SpfVerdict verdict)
    {
        if (verdict.Record?.Explanation is not { } target || await ExpandAsync(target, verdict.Domain) is not { } name)
        {
            return null;
        }

        var answer = await _resolver.FindTextsAsync(name, _cancellationToken);
        if (answer.Records is not [var text] || MacroParser.ParseExplanation(text) is not { } parsed)
        {
            return null;
        }

        var validated = parsed.NeedsValidatedName ? await _names.BestAsync(verdict.Domain) : "";
        var explanation = _macros.Expand(parsed, verdict.Domain, validated);
        return explanation.Length > 0 && explanation.Length <= _options.MaxExplanation && !explanation.AsSpan().ContainsAnyExceptInRange(' ', '~')
            ? explanation
            : null;
    }

    /// <summary>Section 4.5. The text is null without a record, and set but not to be used where there are several.</summary>
    private static bool TrySelect(IReadOnlyList<string> texts, [NotNullWhen(true)] out string? text)
    {
        text = null;
        for (var i = 0; i < texts.Count; i++)
        {
            if (SpfRecordParser.IsRecord(texts[i]))
            {
                if (text is not null)
                {
                    return false;
                }

                text = texts[i];
            }
        }

        return text is not null;
    }

    /// <summary>Section 6.1: the redirect's result is ours, save that a target without a record is an error.</summary>
    private async ValueTask<SpfVerdict> RedirectAsync(MacroString redirect, string domain)
    {
        if (!TryCountLookup())
        {
            return SpfVerdict.Of(SpfResult.PermError, domain, _problem);
        }

        var target = await ExpandAsync(redirect, domain);
        var verdict = target is null ? SpfVerdict.Of(SpfResult.None, domain, "the redirect has no name") : await CheckHostAsync(target);
        return verdict.Result == SpfResult.None ? verdict with { Result = SpfResult.PermError } : verdict;
    }

    private async ValueTask<SpfMatch> MatchAsync(SpfDirective directive, string domain)
    {
        switch (directive.Mechanism)
        {
            case SpfMechanism.All:
                return SpfMatch.Yes;
            case SpfMechanism.Ip4:
            case SpfMechanism.Ip6:
                return Within(directive, directive.Network!) ? SpfMatch.Yes : SpfMatch.No;
        }

        if (!TryCountLookup())
        {
            return SpfMatch.PermError;
        }

        var target = directive.Target is null ? domain : await ExpandAsync(directive.Target, domain);
        return target is null ? SpfMatch.No : directive.Mechanism switch
        {
            SpfMechanism.Include => await IncludeAsync(target),
            SpfMechanism.A => await AddressesAsync(target, directive),
            SpfMechanism.Mx => await ExchangersAsync(target, directive),
            SpfMechanism.Exists => await ExistsAsync(target),
            _ => await NamesAsync(target),
        };
    }

    /// <summary>The table of section 5.2.</summary>
    private async ValueTask<SpfMatch> IncludeAsync(string target)
    {
        var verdict = await CheckHostAsync(target);
        _problem = verdict.Problem;
        return verdict.Result switch
        {
            SpfResult.Pass => SpfMatch.Yes,
            SpfResult.TempError => SpfMatch.TempError,
            SpfResult.PermError or SpfResult.None => SpfMatch.PermError,
            _ => SpfMatch.No,
        };
    }

    private async ValueTask<SpfMatch> AddressesAsync(string target, SpfDirective directive)
    {
        var answer = await _resolver.FindAddressesAsync(target, _identity.Client.AddressFamily, _cancellationToken);
        return Failure(answer, target) ?? (AnyWithin(directive, answer) ? SpfMatch.Yes : SpfMatch.No);
    }

    private async ValueTask<SpfMatch> ExchangersAsync(string target, SpfDirective directive)
    {
        var answer = await _resolver.FindExchangersAsync(target, _cancellationToken);
        if (Failure(answer, target) is { } failure)
        {
            return failure;
        }

        if (answer.Records.Count > _options.MaxExchangers)
        {
            _problem = $"{target} has more than {_options.MaxExchangers} MX hosts";
            return SpfMatch.PermError;
        }

        foreach (var exchanger in answer.Records)
        {
            // The limit on void lookups is one on terms (section 4.6.4): hosts without an address of the family are no terms.
            var addresses = await _resolver.FindAddressesAsync(exchanger.Host, _identity.Client.AddressFamily, _cancellationToken);
            if (addresses.Status == DnsStatus.TemporaryFailure)
            {
                _problem = $"{exchanger.Host}: {addresses.Reason}";
                return SpfMatch.TempError;
            }

            if (AnyWithin(directive, addresses))
            {
                return SpfMatch.Yes;
            }
        }

        return SpfMatch.No;
    }

    /// <summary>An A record, whatever the client's family (section 5.7).</summary>
    private async ValueTask<SpfMatch> ExistsAsync(string target)
    {
        var answer = await _resolver.FindAddressesAsync(target, AddressFamily.InterNetwork, _cancellationToken);
        return Failure(answer, target) ?? (answer.Records.Count > 0 ? SpfMatch.Yes : SpfMatch.No);
    }

    /// <summary>A DNS error only means that the mechanism does not match (section 5.5).</summary>
    private async ValueTask<SpfMatch> NamesAsync(string target)
    {
        var answer = await _names.FindAsync();
        if (answer.Status == DnsStatus.TemporaryFailure)
        {
            return SpfMatch.No;
        }

        return Failure(answer, target) ?? (await _names.AnyAtOrBelowAsync(answer.Records, target) ? SpfMatch.Yes : SpfMatch.No);
    }

    private async ValueTask<string?> ExpandAsync(MacroString target, string domain) =>
        _macros.ExpandDomain(target, domain, target.NeedsValidatedName ? await _names.BestAsync(domain) : "");

    /// <summary>What an answer says without its records: an error, or one void lookup too many (section 4.6.4).</summary>
    private SpfMatch? Failure<T>(RecordAnswer<T> answer, string target)
    {
        if (answer.Status == DnsStatus.TemporaryFailure)
        {
            _problem = $"{target}: {answer.Reason}";
            return SpfMatch.TempError;
        }

        if (answer.IsVoid && ++_voids > _options.MaxVoidLookups)
        {
            _problem = $"more than {_options.MaxVoidLookups} lookups found nothing";
            return SpfMatch.PermError;
        }

        return null;
    }

    private bool TryCountLookup()
    {
        if (++_lookups <= _options.MaxLookups)
        {
            return true;
        }

        _problem = $"more than {_options.MaxLookups} terms that need DNS";
        return false;
    }

    private bool AnyWithin(SpfDirective directive, RecordAnswer<IPAddress> answer)
    {
        foreach (var address in answer.Records)
        {
            if (Within(directive, address))
            {
                return true;
            }
        }

        return false;
    }

    private bool Within(SpfDirective directive, IPAddress network) => AddressPrefix.Agrees(
        _identity.Client, network, network.AddressFamily == AddressFamily.InterNetwork ? directive.Prefix4 : directive.Prefix6);
}
