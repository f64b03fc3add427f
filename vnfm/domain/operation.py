"""Operation occurrences: states, the table of legal transitions, the journal of steps (SOL003 5.6.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class OperationState(StrEnum):
    """LcmOperationStateType (SOL003 5.5.4.3)."""

    STARTING = "STARTING"
    PROCESSING = "PROCESSING"
    COMPLETED = "COMPLETED"
    FAILED_TEMP = "FAILED_TEMP"
    FAILED = "FAILED"
    ROLLING_BACK = "ROLLING_BACK"
    ROLLED_BACK = "ROLLED_BACK"


class Event(StrEnum):
    """What may happen to an occurrence."""

    BEGIN = "BEGIN"
    REFUSE = "REFUSE"
    COMPLETE = "COMPLETE"
    FAIL = "FAIL"
    RETRY = "RETRY"
    ROLL_BACK = "ROLL_BACK"
    GIVE_UP = "GIVE_UP"


S = OperationState

#: (state, event) → next state. Whatever is not listed is illegal.
TRANSITIONS: Mapping[tuple[OperationState, Event], OperationState] = {
    (S.STARTING, Event.BEGIN): S.PROCESSING,
    (S.STARTING, Event.REFUSE): S.ROLLED_BACK,
    (S.PROCESSING, Event.COMPLETE): S.COMPLETED,
    (S.PROCESSING, Event.FAIL): S.FAILED_TEMP,
    (S.FAILED_TEMP, Event.RETRY): S.PROCESSING,
    (S.FAILED_TEMP, Event.ROLL_BACK): S.ROLLING_BACK,
    (S.FAILED_TEMP, Event.GIVE_UP): S.FAILED,
    (S.ROLLING_BACK, Event.COMPLETE): S.ROLLED_BACK,
    (S.ROLLING_BACK, Event.FAIL): S.FAILED_TEMP,
}

#: The task resources of SOL003 5.4.14 to 5.4.17, and the states in which each is allowed.
TASKS: Mapping[str, frozenset[OperationState]] = {
    "retry": frozenset({S.FAILED_TEMP}),
    "rollback": frozenset({S.FAILED_TEMP}),
    "fail": frozenset({S.FAILED_TEMP}),
    "cancel": frozenset({S.STARTING, S.PROCESSING, S.ROLLING_BACK}),
}

#: While an occurrence is in one of these, no other operation may start on its instance.
ACTIVE = frozenset({S.STARTING, S.PROCESSING, S.FAILED_TEMP, S.ROLLING_BACK})

#: In these a worker has something to do.
RUNNABLE = frozenset({S.STARTING, S.PROCESSING, S.ROLLING_BACK})


def next_state(state: OperationState, event: Event) -> OperationState:
    """The state after ``event``; ``ValueError`` if the table does not know the pair."""
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise ValueError(f"an operation in {state} cannot {event}") from None


class OperationType(StrEnum):
    """LcmOperationType, as far as this VNFM performs them."""

    INSTANTIATE = "INSTANTIATE"
    SCALE = "SCALE"
    SCALE_TO_LEVEL = "SCALE_TO_LEVEL"
    OPERATE = "OPERATE"
    HEAL = "HEAL"
    CHANGE_EXT_CONN = "CHANGE_EXT_CONN"
    CREATE_SNAPSHOT = "CREATE_SNAPSHOT"
    REVERT_TO_SNAPSHOT = "REVERT_TO_SNAPSHOT"
    CHANGE_FLAVOUR = "CHANGE_FLAVOUR"
    CHANGE_VNFPKG = "CHANGE_VNFPKG"
    TERMINATE = "TERMINATE"
    MODIFY_INFO = "MODIFY_INFO"


def initial_state(kind: OperationType) -> OperationState:
    """MODIFY_INFO needs no grant and has nothing to prepare (SOL003 5.6.2.2)."""
    return S.PROCESSING if kind is OperationType.MODIFY_INFO else S.STARTING


class CancelMode(StrEnum):
    """CancelModeType (SOL003 5.5.4.6)."""

    GRACEFUL = "GRACEFUL"
    FORCEFUL = "FORCEFUL"


class StepState(StrEnum):
    """PENDING → INTENT (a worker is about to act) → WAITING or WATCHING … → DONE or FAILED.

    An entry found in INTENT by a new owner is in doubt: the call may or may not have been made. WAITING will
    act again, WATCHING will only look.
    """

    PENDING = "PENDING"
    INTENT = "INTENT"
    WAITING = "WAITING"
    WATCHING = "WATCHING"
    DONE = "DONE"
    FAILED = "FAILED"


@dataclass(slots=True)
class StepEntry:
    """One line of the journal. ``stage`` groups steps that may run side by side, in rising order.

    Steps of negative stages belong to STARTING: nothing is changed in the VIM before stage 0.
    """

    name: str
    target: str
    stage: int
    state: StepState = StepState.PENDING
    memo: Mapping[str, Any] = field(default_factory=dict)
    result: Mapping[str, Any] = field(default_factory=dict)
    #: How often it has met an error.
    attempts: int = 0
    due: datetime | None = None
    started: datetime | None = None
    ended: datetime | None = None
    #: Since when it has been meeting errors, without one success in between.
    troubled: datetime | None = None
    #: The last error as ProblemDetails; ``detail`` is the sentence for the operator.
    problem: Mapping[str, Any] | None = None
    #: The VIM jobs it has started, the last ones, oldest first.
    jobs: list[str] = field(default_factory=list)

    @property
    def error(self) -> str | None:
        """The last error in words."""
        return None if self.problem is None else str(self.problem.get("detail"))

    @property
    def key(self) -> str:
        """Unique within the operation: ``deploy_vnfc:firewall-0``."""
        return f"{self.name}:{self.target}" if self.target else self.name


#: Steps that take away what no rollback brings back, and how to say so.
_LOSSES: Mapping[str, str] = {
    "remove": "{} is removed, or half so, and does not come back",
    "remove_body": "the former server of VNFC {} is removed, or half so, and does not come back",
    "rebuild_vnfc": "VNFC {} has got a fresh root disk, or half so, and what was on the old one is lost",
    "revert_vnfc": "VNFC {} is taken back, or half so, and what it was before is lost",
    "grow_root": "the root disk of VNFC {} has grown, or half so, and a disk cannot shrink",
    "grow_volume": "disk {} has grown, and a disk cannot shrink",
}


def _has_begun(entry: StepEntry) -> bool:
    return entry.state is not StepState.PENDING and not entry.result.get("skipped")


@dataclass(slots=True)
class Operation:
    """One life-cycle operation occurrence with its lease and journal: one document holds all of it."""

    id: str
    tenant: str
    vnf_instance_id: str
    type: OperationType
    state: OperationState
    params: Mapping[str, Any]
    plan_version: int
    steps: list[StepEntry]
    start_time: datetime
    state_entered_time: datetime
    request_id: str
    automatic: bool = False
    owner: str | None = None
    fence: int = 0
    grant_id: str | None = None
    error: Mapping[str, Any] | None = None
    resource_changes: Mapping[str, Any] = field(default_factory=dict)
    #: ExtVirtualLinkInfo of the external links whose connectivity this operation has changed.
    changed_ext_connectivity: list[Mapping[str, Any]] = field(default_factory=list)
    #: What it has changed in the instance's own attributes, as a merge patch.
    changed_info: Mapping[str, Any] = field(default_factory=dict)
    #: modificationsTriggeredByVnfPkgChange: what a package change has changed in the instance.
    package_modifications: Mapping[str, Any] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    #: The journal of a rollback: one entry per creating step that had begun, last made first.
    undo: list[StepEntry] = field(default_factory=list)
    cancel_mode: CancelMode | None = None
    #: ``fail`` was asked for: what it writes into the instance fits no other end.
    given_up: bool = False
    #: The instance as subscribers' filters saw it when the operation was accepted (``domain.event``).
    subject: Mapping[str, Any] = field(default_factory=dict)

    @property
    def track(self) -> list[StepEntry]:
        """The journal that is being worked off now."""
        return self.undo if self.state is OperationState.ROLLING_BACK else self.steps

    def allows(self, task: str) -> bool:
        """Whether a task resource may be used now."""
        if task == "rollback" and self.rollback_refusal is not None:
            return False
        if task == "cancel" and self.cancel_mode is not None:
            return False
        if task != "fail" and self.given_up:
            return False
        return self.state in TASKS[task]

    @property
    def rollback_refusal(self) -> str | None:
        """Why this operation cannot be rolled back: what it has begun to remove does not come back."""
        if self.type is OperationType.TERMINATE:
            return "TERMINATE removes, and what is removed does not come back"
        lost = next((e for e in self.steps if e.name in _LOSSES and _has_begun(e)), None)
        return None if lost is None else _LOSSES[lost.name].format(lost.target)

    def step(self, key: str) -> StepEntry:
        """The journal entry of that key; ``KeyError`` if the plan has none."""
        for entry in self.steps:
            if entry.key == key:
                return entry
        raise KeyError(key)
