using System.Globalization;
using System.Text.Json;

namespace Smtpy.Mail.TlsPolicy;

/// <summary>The JSON body of a TLS report (RFC 8460 section 4.4).</summary>
public static class TlsReportBody
{
    /// <param name="policies">Of one day, and, as one report goes to one domain, those that concern that domain.</param>
    /// <returns>UTF-8, not compressed.</returns>
    public static byte[] Write(TlsReportHead head, IReadOnlyList<TlsPolicyTally> policies)
    {
        ArgumentNullException.ThrowIfNull(head);
        ArgumentNullException.ThrowIfNull(policies);
        using var octets = new MemoryStream();
        using (var json = new Utf8JsonWriter(octets))
        {
            json.WriteStartObject();
            json.WriteString("organization-name", head.Organization);
            json.WriteStartObject("date-range");
            json.WriteString("start-datetime", Day(head.Day, "00:00:00"));
            json.WriteString("end-datetime", Day(head.Day, "23:59:59"));
            json.WriteEndObject();
            json.WriteString("contact-info", head.Contact);
            json.WriteString("report-id", head.Id);
            json.WriteStartArray("policies");
            foreach (var policy in policies)
            {
                WritePolicy(json, policy);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return octets.ToArray();
    }

    private static void WritePolicy(Utf8JsonWriter json, TlsPolicyTally tally)
    {
        json.WriteStartObject();
        json.WriteStartObject("policy");
        json.WriteString("policy-type", tally.Type switch { TlsPolicyType.Sts => "sts", TlsPolicyType.Tlsa => "tlsa", _ => "no-policy-found" });
        WriteTexts(json, "policy-string", tally.PolicyText);
        json.WriteString("policy-domain", tally.Domain);
        WriteTexts(json, "mx-host", tally.PolicyHosts);
        json.WriteEndObject();
        json.WriteStartObject("summary");
        json.WriteNumber("total-successful-session-count", tally.Successes);
        json.WriteNumber("total-failure-session-count", tally.Failed);
        json.WriteEndObject();
        if (tally.Failures.Count > 0)
        {
            json.WriteStartArray("failure-details");
            foreach (var (key, count) in tally.Failures)
            {
                WriteFailure(json, key, count);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void WriteFailure(Utf8JsonWriter json, TlsFailureKey key, long count)
    {
        json.WriteStartObject();
        json.WriteString("result-type", key.Result.Name());
        if (key.Host.Length > 0)
        {
            json.WriteString("receiving-mx-hostname", key.Host);
        }

        if (key.Address.Length > 0)
        {
            json.WriteString("receiving-ip", key.Address);
        }

        json.WriteNumber("failed-session-count", count);
        json.WriteEndObject();
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, IReadOnlyList<string> texts)
    {
        if (texts.Count == 0)
        {
            return;
        }

        json.WriteStartArray(name);
        foreach (var text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }

    private static string Day(DateOnly day, string time) => string.Create(CultureInfo.InvariantCulture, $"{day:yyyy-MM-dd}T{time}Z");
}

/// <param name="Organization">Who reports.</param>
/// <param name="Contact">Mail address of who answers questions about the report.</param>
/// <param name="Id">Unique for each report.</param>
public sealed record TlsReportHead(string Organization, string Contact, string Id, DateOnly Day);
