"""What subscribers may be told of: a change of state of an occurrence, an identifier made or deleted.

Everything an event says is as it was at that moment, however much later it is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from vnfm.domain import ids
from vnfm.domain.instance import Instance
from vnfm.domain.operation import Operation, OperationState


class Kind(StrEnum):
    """notificationType (SOL003 5.5.2.17 to 5.5.2.19)."""

    OCCURRENCE = "VnfLcmOperationOccurrenceNotification"
    CREATION = "VnfIdentifierCreationNotification"
    DELETION = "VnfIdentifierDeletionNotification"


#: States that are told with ``error`` (SOL003 5.5.2.17).
_WITH_ERROR = frozenset({OperationState.FAILED_TEMP, OperationState.FAILED, OperationState.ROLLED_BACK})

#: Fields of ``Operation`` that say what has been changed so far. A first event has none yet.
CHANGES = ("resource_changes", "changed_info", "changed_ext_connectivity", "package_modifications")

#: What a filter may ask of the VNF instance (SOL003 4.4.1.5), and the field of ``Instance`` that has it.
_SUBJECT = {
    "vnfdId": "vnfd_id",
    "vnfProvider": "vnf_provider",
    "vnfProductName": "vnf_product_name",
    "vnfSoftwareVersion": "vnf_software_version",
    "vnfdVersion": "vnfd_version",
    "vnfInstanceName": "name",
}


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. ``stream`` is what its order is kept within: an operation, or an instance's
    identifier; ``seq`` counts its events from 0.

    ``facts`` is plain data: of an occurrence ``operation``, ``state``, ``automatic`` and what of ``CHANGES``
    and ``error`` there is.
    """

    kind: Kind
    stream: str
    seq: int
    time: datetime
    vnf_instance_id: str
    #: The instance as filters see it; after a change of package, before and after it.
    subjects: Sequence[Mapping[str, Any]] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Notification.id: the same for every subscription and every try (SOL003 5.5.2.17)."""
        return ids.derive("notification", self.kind, self.stream, self.seq)


@dataclass(frozen=True, slots=True)
class Untold:
    """Events of one document that are not yet queued for their subscribers. ``length`` is how many events
    the document had in all when it was read. ``problem``: why they cannot be read."""

    source: str
    tenant: str
    length: int
    events: Sequence[Event]
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class SetAside:
    """A document, of an operation or of an instance, whose events cannot be told, and why."""

    source: str
    is_operation: bool
    problem: str
    since: datetime


def subject(instance: Instance) -> dict[str, Any]:
    """What filters may ask of ``instance``."""
    return {name: getattr(instance, attribute) for name, attribute in _SUBJECT.items()}


def later_subjects(before: Mapping[str, Any], facts: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The instance before an operation, and, where that differs, as its changes so far have left it."""
    changed = {**(facts.get("changed_info") or {}), **(facts.get("package_modifications") or {})}
    after = {**before, **{name: value for name, value in changed.items() if name in _SUBJECT}}
    return [before] if after == before else [before, after]


def news(operation: Operation) -> dict[str, Any]:
    """What is told of ``operation`` in its state of now, besides that state."""
    told = {name: value for name in CHANGES if (value := getattr(operation, name))}
    if operation.state in _WITH_ERROR and operation.error:
        told["error"] = operation.error
    return told
