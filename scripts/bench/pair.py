"""Two builds or settings of SMTPy, loaded in turns. See bench.sh --pair.

A machine whose speed changes from minute to minute hides a tenth more or less between two runs. Here both servers run at the same time, each
with its own data and its own sink, and get short bursts one after the other, so that a slow minute meets both: what is compared is each burst
with its neighbour.
"""

import argparse
import os
import pathlib
import shutil
import statistics
import sys
import tempfile
import time

from compare import make_sink, source, wait_for_count, warm_up
from processes import cpu_seconds, pss_megabytes
from servers import NameServer, Smtpy, TrustedSmtpy

MEASURES = ("accepted", "forwarded", "CPU")


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("first", help="EXECUTABLE[,NAME=VALUE…]")
    parser.add_argument("second", help="EXECUTABLE[,NAME=VALUE…]")
    parser.add_argument("--instruments", required=True)
    parser.add_argument("--size", type=int, default=1024)
    parser.add_argument("--connections", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--messages", type=int, default=2_000, help="in a burst")
    parser.add_argument("--signing", action="store_true", help="judging and signing instead of as little as possible")
    return parser.parse_args(arguments)


class Contender:
    def __init__(self, described, work, options):
        executable, *settings = described.split(",")
        work.mkdir()
        work.chmod(0o755)
        self._dns = NameServer(work)
        self._dns.start()
        self.server = (TrustedSmtpy if options.signing else Smtpy)(executable, work, self._dns)
        if options.signing:
            self._dns.stop()
            self._dns.start(self.server.records())
            self.server.begin_to_sign()
        self._sink = make_sink(options.size, options)
        self._options = options
        before = dict(os.environ)
        os.environ.update(setting.split("=", 1) for setting in settings)
        try:
            self.server.start(self._sink.port)
        finally:
            os.environ.clear()
            os.environ.update(before)
        self._arrived = warm_up(self.server, self._sink)

    def burst(self):
        """Messages a second accepted and forwarded, and CPU seconds per 1,000."""
        count, pid = self._options.messages, self.server.process.pid
        used, started = cpu_seconds(pid), time.perf_counter()
        accepted = source(self.server.port, count, self._options.connections, self.server.source(self._options.size))
        self._arrived += count
        wait_for_count(self._sink, self._arrived)
        forwarded = time.perf_counter() - started
        return count / accepted, count / forwarded, (cpu_seconds(pid) - used) * 1000 / count

    def stop(self):
        self.server.stop()
        self._sink.stop()
        self._dns.stop()


def show(name, contender, bursts):
    medians = [statistics.median(column) for column in zip(*bursts)]
    print(f"{name}: accepted {medians[0]:.0f}/s, forwarded {medians[1]:.0f}/s, CPU {medians[2]:.3f} s per 1,000, "
          f"PSS {pss_megabytes(contender.server.process.pid):.0f} MB")


def main():
    options = parse(sys.argv[1:])
    work = pathlib.Path(tempfile.mkdtemp(prefix="smtpy-pair-", dir="/var/tmp"))
    work.chmod(0o755)
    contenders = []
    try:
        for name in ("first", "second"):
            contenders.append(Contender(getattr(options, name), work / name, options))
        bursts = ([], [])
        for number in range(options.rounds):
            for who in (0, 1) if number % 2 == 0 else (1, 0):
                bursts[who].append(contenders[who].burst())
        for name, contender, results in zip(("first ", "second"), contenders, bursts):
            show(name, contender, results)
        for column, measure in enumerate(MEASURES):
            ratios = [second[column] / first[column] for first, second in zip(*bursts)]
            print(f"second to first, {measure}: median {statistics.median(ratios):.3f} ({min(ratios):.2f}-{max(ratios):.2f})")
    finally:
        for contender in contenders:
            contender.stop()
        shutil.rmtree(work, ignore_errors=True)


main()
