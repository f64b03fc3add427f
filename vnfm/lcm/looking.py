"""What plans that add resources have in common: all their looks come first.

Nothing in the VIM is touched before the request as a whole has been checked, quotas included. The looks at
the VIM belong to PROCESSING: what it answers may be mended, a key or a quota, and then a retry goes on
(ADR 0014).
"""

from __future__ import annotations

from collections.abc import Iterable

from vnfm.domain.operation import StepEntry


def begin(vdus: Iterable[str]) -> list[StepEntry]:
    """Grant and checks for an operation that makes or changes VNFCs of ``vdus``; for one that only removes,
    there is nothing to choose and nothing to make room for."""
    chosen = sorted(set(vdus))
    steps = [
        StepEntry("request_grant", "", -2),
        StepEntry("check_plan", "", -1),
        StepEntry("check_vim", "", 0),
    ]
    if not chosen:
        return steps
    return [
        *steps,
        StepEntry("check_networks", "", 1),
        *(StepEntry("choose_compute", vdu, 1) for vdu in chosen),
        StepEntry("check_room", "", 2),
    ]
