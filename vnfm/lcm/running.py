"""Which VNFCs an OPERATE leaves running, and what that makes of the VNF: from the journal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vnfm.domain import standing
from vnfm.domain.operation import StepState
from vnfm.lcm.context import Context

_REACHES: Mapping[str, str] = {"start_vnfc": "STARTED", "halt_vnfc": "STOPPED"}


def fields(ctx: Context, info: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of ``Instance`` after the steps that are done, and not undone; ``info`` is the record beside.

    A VNF is STOPPED when all its VNFCs are; as long as one is to run, it is STARTED.
    """
    undone = {entry.key for entry in ctx.op.undo if entry.state is StepState.DONE}
    reached = {
        entry.target: _REACHES[entry.name]
        for entry in ctx.op.steps
        if entry.name in _REACHES and entry.state is StepState.DONE and entry.key not in undone
    }
    states = {
        vnfc.id: reached.get(vnfc.key) or standing.vnfc_state(ctx.instance, vnfc.id)
        for vnfc in standing.vnfcs(ctx.instance)
    }
    whole = "STOPPED" if set(states.values()) == {"STOPPED"} else "STARTED"
    return {
        "instantiated_vnf_info": {**info, "vnfState": whole},
        "vnfc_states": {vnfc: state for vnfc, state in states.items() if state != whole},
    }
