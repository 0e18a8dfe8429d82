"""Turns the medians of compare.py into Markdown tables."""

import os
import platform

MEASURES = [
    ("accepted", "accepted, messages a second", True, "≥ 4"),
    ("forwarded", "forwarded, messages a second", True, "≥ 4"),
    ("cpu", "CPU seconds per 1,000 messages forwarded", False, "≤ 0.25"),
    ("memory", "peak memory (PSS), MB", False, "< 150 MB at 100 connections"),
]


def figure(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def cell(result, key):
    if result is None:
        return "–"
    low, high = result[key + "_range"]
    return f"{figure(result[key])} ({figure(low)}–{figure(high)})"


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|" + " --- |" * len(header)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def load_tables(results, options, names):
    parts = []
    for key, title, _, aim in MEASURES:
        for size in options.sizes:
            rows = []
            for name in ["direct", *names]:
                if key == "memory" and name == "direct":
                    continue
                rows.append([name] + [cell(results.get(("load", size, count, name)), key) for count in options.connections])
            for name in names[:-1] if "Postfix" in names else []:
                rows.append([f"**{name} : Postfix**"] + [ratio(results, key, size, count, name) for count in options.connections])
            header = ["connections"] + [str(count) for count in options.connections]
            parts.append(f"### {title}, {size / 1024:g} KiB (aim {aim})\n\n" + table(header, rows))
    return parts


def ratio(results, key, size, count, name):
    ours, theirs = (results.get(("load", size, count, who)) for who in (name, "Postfix"))
    return f"**{ours[key] / theirs[key]:.2f}**" if ours and theirs and theirs[key] else "–"


def best_table(results, options, names):
    """Each contender's best over all numbers of connections: the figure that the aims are about."""
    rows = []
    for size in options.sizes:
        for key, title, more_is_better, aim in MEASURES[:3]:
            pick = max if more_is_better else min
            best = {name: pick(results["load", size, count, name][key] for count in options.connections) for name in names}
            rows.append(
                [f"{size / 1024:g} KiB", title] + [figure(best[name]) for name in names]
                + [f"**{best[name] / best['Postfix']:.2f}**" for name in names[:-1]] + [aim])
    header = ["size", "measure", *names, *(f"{name} : Postfix" for name in names[:-1]), "aim, without judging"]
    return "### Best against best\n\n" + table(header, rows)


def latency_table(results, options, names):
    rows = []
    for rate in options.rates:
        for name in names:
            result = results.get(("latency", rate, 0, name))
            if result:
                keys = ("ack_p50", "ack_p99", "txn_p50", "txn_p99")
                rows.append([str(rate), name, figure(result["rate"])] + [cell(result, key) for key in keys] + [f"{result['failed']:g}"])
    header = ["asked a second", "server", "sent a second", "ack p50", "ack p99", "txn p50", "txn p99", "failed"]
    return "### Latency at a fixed rate, 10 KiB, ms\n\n" + table(header, rows)


def idle_table(results, names):
    rows = [[name, cell(results["idle", 0, 0, name], "memory"), cell(results["idle", 0, 0, name], "greeting")] for name in names]
    return "### Idle memory (PSS, MB; aim < 90) and start to greeting (s; aim < 1)\n\n" + table(["server", "memory", "start"], rows)


def markdown(results, options, names):
    head = (
        f"## SMTPy and Postfix, {os.cpu_count()} cores, {platform.system()} {platform.release()}, medians (least–most) of "
        f"{options.runs} interleaved run{'s' if options.runs > 1 else ''}\n\n"
        "Every message on a connection of its own and to a different one of 10,000 aliases; source, server and sink share the "
        "machine. *direct* is the source straight into the sink: the instruments' ceiling.\n")
    parts = [head]
    if len(names) > 1 and "Postfix" in names:
        parts.append(best_table(results, options, names))
    parts += load_tables(results, options, names)
    parts.append(latency_table(results, options, names))
    parts.append(idle_table(results, names))
    return "\n".join(parts)
