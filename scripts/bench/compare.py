"""SMTPy and Postfix under the same load, in turns. See bench.sh.

What is measured, for every size and number of connections, with every message to a different one of 10,000 aliases and
on a connection of its own (smtp-source):
  accepted     messages a second until the source has read its last 250; forwarding goes on meanwhile
  forwarded    messages a second until the sink has taken the last one
  CPU          processor seconds of the server's process tree per 1,000 messages, until the last one is forwarded
  memory       largest sum of proportional set sizes (PSS) of the tree
and, at fixed rates (open loop), the time from the final dot to the 250 (ack) and from the due time to the 250 (txn).
"""

import argparse
import json
import pathlib
import shutil
import statistics
import subprocess
import sys
import time

import report
from processes import PeakMemory, cpu_seconds, pss_megabytes
from servers import PLAIN_SOURCE, LightSink, NameServer, Postfix, SmtpSink, Smtpy, TrustedSmtpy

# A just-in-time compiler is not what is compared: it gets a start that is long enough for it to be done, and who has none a short one. All of
# it goes to the same aliases, half of those that are measured: the other half comes from no cache.
WARM_UP_ALIASES = 4_000


def numbers(text):
    return [int(part) for part in text.split(",")]


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--smtpy", required=True)
    parser.add_argument("--instruments", required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--sizes", type=numbers, default=[1024, 10240, 102400])
    parser.add_argument("--connections", type=numbers, default=[1, 10, 50, 100])
    parser.add_argument("--rates", type=numbers, default=[100, 200, 400])
    parser.add_argument("--only", choices=["smtpy", "postfix"])
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args(arguments)
    if options.quick:
        options.runs, options.sizes, options.connections, options.rates = 1, [1024], [10], [200]
    return options


def messages_for(size, connections):
    """Enough for some seconds, and never more than there are aliases."""
    if size > 50_000:
        return 600 if connections == 1 else 2_000
    return 2_000 if connections == 1 else 8_000


def make_sink(size, options):
    return SmtpSink() if size <= 10_240 else LightSink(options.instruments)


def source(port, count, connections, what):
    started = time.perf_counter()
    result = subprocess.run(
        ["/usr/sbin/smtp-source", "-s", str(connections), "-m", str(count), "-N", "-M", PLAIN_SOURCE,
         *what, "-t", "alias@alias.test", f"127.0.0.1:{port}"],
        capture_output=True, text=True, timeout=600, check=False)
    if result.returncode != 0:
        raise RuntimeError(f"smtp-source ended with {result.returncode}: {result.stderr.strip()[:500]}")
    return time.perf_counter() - started


def wait_for_count(sink, expected, limit=300.0):
    deadline = time.perf_counter() + limit
    while (count := sink.count()) < expected:
        if time.perf_counter() > deadline:
            raise RuntimeError(f"only {count} of {expected} messages reached the sink")
        time.sleep(0.005)


def warm_up(server, sink):
    """How many messages the sink has then."""
    for done in range(1, server.warm_up_rounds + 1):
        source(server.port, WARM_UP_ALIASES, 10, server.source(1024))
        wait_for_count(sink, done * WARM_UP_ALIASES)
    return server.warm_up_rounds * WARM_UP_ALIASES


def run_server(server, size, connections, options):
    """One cell of the table for one contender, freshly started and warmed up."""
    sink = make_sink(size, options)
    try:
        server.start(sink.port)
        try:
            arrived = warm_up(server, sink)
            count = messages_for(size, connections)
            root, before = server.process.pid, cpu_seconds(server.process.pid)
            with PeakMemory(root) as memory:
                started = time.perf_counter()
                accepted = source(server.port, count, connections, server.source(size))
                wait_for_count(sink, arrived + count)
                forwarded = time.perf_counter() - started
            cpu = cpu_seconds(root) - before
        finally:
            server.stop()
    finally:
        sink.stop()
    return {"accepted": count / accepted, "forwarded": count / forwarded, "cpu": cpu * 1000 / count, "memory": memory.peak}


def run_direct(size, connections, options):
    """The instruments alone: no server can be seen doing better than this."""
    sink = make_sink(size, options)
    try:
        source(sink.port, WARM_UP_ALIASES, 10, Postfix.source(1024))
        count, before = messages_for(size, connections), cpu_seconds(sink.process.pid)
        elapsed = source(sink.port, count, connections, Postfix.source(size))
        cpu = cpu_seconds(sink.process.pid) - before
    finally:
        sink.stop()
    return {"accepted": count / elapsed, "forwarded": count / elapsed, "cpu": cpu * 1000 / count, "memory": 0.0}


def run_latency(server, rate, options, seconds=4, size=10_240):
    sink = make_sink(size, options)
    try:
        server.start(sink.port)
        try:
            warm_up(server, sink)
            result = subprocess.run(
                [options.instruments, "open-loop", str(server.port), str(rate), str(seconds), str(size)],
                capture_output=True, text=True, timeout=120, check=False)
        finally:
            server.stop()
    finally:
        sink.stop()
    return json.loads(result.stdout)


def run_idle(server, options):
    """Start to greeting, and memory after some quiet seconds."""
    sink = make_sink(1024, options)
    try:
        greeting = server.start(sink.port)
        try:
            time.sleep(3)
            memory = pss_megabytes(server.process.pid)
        finally:
            server.stop()
    finally:
        sink.stop()
    return {"greeting": greeting, "memory": memory}


def median_of(runs):
    return {key: statistics.median(run[key] for run in runs) for key in runs[0]} | {
        key + "_range": (min(run[key] for run in runs), max(run[key] for run in runs)) for key in runs[0]}


def measure(options, contenders):
    """All runs, A B A B, as lists under (kind, size or rate, connections, name)."""
    results = {}

    def note(key, value):
        results.setdefault(key, []).append(value)
        print(key, {name: round(figure, 3) for name, figure in value.items()}, file=sys.stderr)

    for _ in range(options.runs):
        for server in contenders:
            note(("idle", 0, 0, server.name), run_idle(server, options))
        for size in options.sizes:
            for connections in options.connections:
                note(("load", size, connections, "direct"), run_direct(size, connections, options))
                for server in contenders:
                    note(("load", size, connections, server.name), run_server(server, size, connections, options))
        for rate in options.rates:
            for server in contenders:
                note(("latency", rate, 0, server.name), run_latency(server, rate, options))
    return {key: median_of(runs) for key, runs in results.items()}


def main():
    options = parse(sys.argv[1:])
    work = options.out / "work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    dns = NameServer(work)
    dns.start()
    contenders = []
    try:
        if options.only != "postfix":
            trusted = TrustedSmtpy(options.smtpy, work, dns)
            contenders += [Smtpy(options.smtpy, work, dns), trusted]
            dns.stop()
            dns.start(trusted.records())
            trusted.begin_to_sign()
        if options.only != "smtpy":
            contenders.append(Postfix(work))
        results = measure(options, contenders)
    finally:
        dns.stop()
    text = report.markdown(results, options, [server.name for server in contenders])
    print(text)
    stamp = time.strftime("%Y%m%d-%H%M%S")
    (options.out / f"{stamp}.md").write_text(text)
    (options.out / f"{stamp}.json").write_text(json.dumps({"/".join(map(str, key)): value for key, value in results.items()}, indent=1))
    shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
