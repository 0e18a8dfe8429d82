"""What a tree of processes has cost so far, read from /proc."""

import os
import threading

TICKS = os.sysconf("SC_CLK_TCK")


def _stat(pid):
    """Parent and processor ticks (own and of waited-for children) of a process."""
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
        # The name in parentheses may hold anything.
        fields = file.read().rpartition(")")[2].split()
    return int(fields[1]), sum(int(value) for value in fields[11:15])


def tree(root):
    """The process and everything below it, as {pid: ticks}."""
    parents, ticks = {}, {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                parents[int(name)], ticks[int(name)] = _stat(name)
            except (FileNotFoundError, ProcessLookupError):
                continue
    found, grown = {root}, True
    while grown:
        more = {pid for pid, parent in parents.items() if parent in found and pid not in found}
        found |= more
        grown = bool(more)
    return {pid: ticks[pid] for pid in found if pid in ticks}


def cpu_seconds(root):
    """Processor time of the tree, those that have ended included (their parent keeps their sum)."""
    return sum(tree(root).values()) / TICKS


def pss_megabytes(root):
    """Proportional set size of the tree: pages shared by several count once."""
    total = 0
    for pid in tree(root):
        try:
            with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
                for line in file:
                    if line.startswith("Pss:"):
                        total += int(line.split()[1])
                        break
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
    return total / 1024


class PeakMemory:
    """Samples the tree's memory in the background; rarely, because looking costs processor time too."""

    def __init__(self, root, interval=0.25):
        self.peak = 0.0
        self._root, self._interval = root, interval
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()
        self.peak = max(self.peak, pss_megabytes(self._root))

    def _sample(self):
        while not self._stop.wait(self._interval):
            self.peak = max(self.peak, pss_megabytes(self._root))
