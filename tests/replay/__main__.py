"""`python -m tests.replay [SECTION ...]`: the table of what is equal, listed and failing."""

from __future__ import annotations

import sys
import time

from tests.replay.replayer import Report, replay
from tests.replay.transcript import SECTIONS


def main(sections: list[str]) -> int:
    print(f"{'section':<12}{'exchanges':>10}{'equal':>8}{'listed':>8}{'failing':>9}{'seconds':>9}")
    reports = [timed(section) for section in sections or SECTIONS]
    for report in reports:
        for difference in report.failing:
            print(f"{report.section} {difference.element} {difference.path}: {difference.told}")
        for entry in report.stale:
            print(f"listed, but does not occur: {entry}")
    total = sum(report.exchanges for report in reports)
    print(f"{'all':<12}{total:>10}{sum(r.equal for r in reports):>8}{sum(len(r.listed) for r in reports):>8}")
    return 0 if all(report.good for report in reports) else 1


def timed(section: str) -> Report:
    start = time.monotonic()
    report = replay(section)
    failing = len({difference.element for difference in report.failing})
    row = f"{report.section:<12}{report.exchanges:>10}{report.equal:>8}{len(report.listed):>8}{failing:>9}"
    print(f"{row}{time.monotonic() - start:>9.1f}")
    return report


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
