"""What can be done about an operation that has stopped half-way, in words for whoever has to decide."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vnfm.domain.operation import Operation, OperationState, OperationType

#: Where an error has them.
MEMBER = "remedies"

#: What comes after ``fail``, where it is not the same request again.
_AFTER_FAIL: Mapping[OperationType, str] = {
    OperationType.INSTANTIATE: "terminate removes what was made",
    OperationType.CREATE_SNAPSHOT: "DELETE of the VNF snapshot removes what was taken",
}
_UNAUTHORIZED = 401


def remedies(operation: Operation) -> Mapping[str, str]:
    """By task (SOL003 5.4.14 to 5.4.16), what it would do now; {} unless the operation is in FAILED_TEMP.

    A rollback that is not possible says why.
    """
    if operation.state is not OperationState.FAILED_TEMP:
        return {}
    after = _AFTER_FAIL.get(operation.type, f"{operation.type} can be asked for again")
    found = {"fail": f"gives up, and leaves the VIM as it is: the instance shows what is there, and {after}"}
    if operation.allows("retry"):
        found["retry"] = _retry(operation)
    refusal = operation.rollback_refusal
    if refusal is not None:
        found["rollback"] = f"not possible: {refusal}"
    elif operation.allows("rollback"):
        again = "goes on taking back" if operation.undo else "takes back"
        found["rollback"] = f"{again} what the operation has done in the VIM, last first"
    return found


def _retry(operation: Operation) -> str:
    error = operation.error or {}
    if error.get("vimErrorCode") == _UNAUTHORIZED:
        return (
            "helps once the VIM accepts the key again; another key comes with the operation asked for anew, "
            "when this one has ended"
        )
    cause = "" if "step" not in error else ", once the cause is mended"
    way = "forward again; what was taken back is made anew" if operation.undo else "where it stopped"
    return f"goes on {way}{cause}"


def without(error: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """An error when what could be done has been decided."""
    return error and {key: value for key, value in error.items() if key != MEMBER}
