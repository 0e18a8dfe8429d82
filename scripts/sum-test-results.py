"""Adds up the xUnit reports of a folder; the last line printed is "N passed, N failed". See test.sh."""

import pathlib
import sys
import xml.etree.ElementTree as ElementTree

NO_TESTS = 8  # Exit code of Microsoft.Testing.Platform for a run that executed nothing.


def read_report(path):
    """Counts and unexcused skips of one project: (passed, failed, skipped, lines to print)."""
    passed = failed = skipped = 0
    notes = []
    for assembly in ElementTree.parse(path).getroot().iter("assembly"):
        failed += int(assembly.get("errors", 0))
        for test in assembly.iter("test"):
            result = test.get("result")
            if result == "Pass":
                passed += 1
            elif result in ("Skip", "NotRun"):
                skipped += 1
                reason = (test.findtext("reason") or "").strip()
                if result == "Skip" and not reason:
                    failed += 1
                    notes.append(f"skipped without a reason: {test.get('name')}")
                elif reason:
                    notes.append(f"skipped: {test.get('name')}: {reason}")
            else:
                failed += 1
                notes.append(f"failed: {test.get('name')}")
    return passed, failed, skipped, notes


def main(folder):
    total_passed = total_failed = 0
    for missing in sorted(folder.glob("*.missing")):
        total_failed += 1
        print(missing.read_text().strip())
    for exit_file in sorted(folder.glob("*.exit")):
        name, code = exit_file.stem, int(exit_file.read_text())
        report = folder / f"{name}.xml"
        if not report.exists():
            print(f"{name:<18} {'no test was run' if code == NO_TESTS else f'no report: the run ended with {code}'}")
            total_failed += 1
            continue
        passed, failed, skipped, notes = read_report(report)
        if code != 0 and failed == 0:
            failed = 1
            notes.append(f"the run ended with {code}")
        print(f"{name:<18} {passed:>5} passed {failed:>4} failed {skipped:>4} skipped")
        for note in notes:
            print(f"    {note}")
        total_passed += passed
        total_failed += failed
    if total_passed + total_failed == 0:
        print("No test was run.")
        total_failed = 1
    print(f"{total_passed} passed, {total_failed} failed")
    return 1 if total_failed else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
