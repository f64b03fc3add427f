"""The journal of an operation in the spelling of our own API (gateway-v1)."""

from __future__ import annotations

from vnfm.domain.operation import Operation, StepEntry
from vnfm.wire.screen import Document, present, stamp


def steps(operation: Operation) -> list[Document]:
    """The journal (gateway-v1 Step): the plan first, then what a rollback does about it."""
    return [
        *(_step("FORWARD", entry) for entry in operation.steps),
        *(_step("UNDO", entry) for entry in operation.undo),
    ]


def _step(track: str, entry: StepEntry) -> Document:
    return {
        "track": track,
        "target": entry.target,
        **present(
            name=entry.name,
            stage=entry.stage,
            state=str(entry.state),
            attempts=entry.attempts,
            startTime=stamp(entry.started) if entry.started else None,
            endTime=stamp(entry.ended) if entry.ended else None,
            vimJobIds=list(entry.jobs),
            error=entry.error,
        ),
    }
