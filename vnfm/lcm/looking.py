"""What plans that add resources have in common: all their looks come first, and belong to STARTING.

Nothing in the VIM is touched before the request as a whole has been checked, quotas included. A look that
finds something wrong ends the operation in ROLLED_BACK, and the instance is free again (ADR 0009).
"""

from __future__ import annotations

from collections.abc import Iterable

from vnfm.domain.operation import StepEntry


def begin(vdus: Iterable[str]) -> list[StepEntry]:
    """Grant and checks for an operation that makes or changes VNFCs of ``vdus``; for one that only removes,
    there is nothing to choose and nothing to make room for."""
    chosen = sorted(set(vdus))
    steps = [
        StepEntry("request_grant", "", -5),
        StepEntry("check_plan", "", -4),
        StepEntry("check_vim", "", -3),
    ]
    if not chosen:
        return steps
    return [
        *steps,
        StepEntry("check_networks", "", -2),
        *(StepEntry("choose_compute", vdu, -2) for vdu in chosen),
        StepEntry("check_room", "", -1),
    ]
