"""What an operation that has stopped half-way leaves of an instance: pure over instance and journal.

Used when an operation is given up (``fail``), and by the last steps of those that come to their end.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vnfm.domain import standing
from vnfm.domain.instance import Instance
from vnfm.domain.operation import Operation, StepEntry, StepState
from vnfm.lcm import evolution, inventory


def bodies(instance: Instance, operation: Operation) -> Mapping[str, Mapping[str, Any]]:
    """What replaces what: by the id of the former server, the new one as it was read back."""
    return {
        standing.vnfc(instance, entry.target).server: entry.result
        for entry in operation.steps
        if entry.name == "recreate_vnfc" and entry.state is StepState.DONE and entry.result.get("id")
    }


def resources(instance: Instance, operation: Operation) -> list[Mapping[str, Any]]:
    """The inventory now. A VNFC whose new server is not whole keeps the id of the former one besides: then a
    later HEAL finds it, and TERMINATE removes both."""
    gone = {entry.target for entry in operation.steps if _has_removed(entry)}
    rest = [item for item in instance.resources if f"{item['kind']}/{item['id']}" not in gone]
    return [*evolution.with_servers(rest, bodies(instance, operation)), *inventory.resources(operation)]


def changes(instance: Instance, operation: Operation) -> Mapping[str, Any]:
    """Attributes of the instance that show what is left when the operation is given up."""
    info = instance.instantiated_vnf_info
    replaced = bodies(instance, operation)
    shown = {"resources": resources(instance, operation)}
    if info is None or not replaced:
        return shown
    return {**shown, "instantiated_vnf_info": evolution.with_bodies(info, replaced)}


def _has_removed(entry: StepEntry) -> bool:
    return entry.name == "remove" and entry.state is StepState.DONE and not entry.result.get("left")
