"""The APIs that tell of VNF instances, and what each makes of our canonical form.

SOL003 is for the NFVO, SOL002 for EM and VNF; both have a version 1 and a version 2. The canonical form has
everything that any of them has, in the shapes of version 2. An interface and a version are each one ``View``;
a dialect is the two in a row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from vnfm.domain.instance import Instance
from vnfm.domain.operation import Operation, OperationType
from vnfm.domain.snapshot import SnapshotInfo
from vnfm.wire import instance as canonical_instance
from vnfm.wire import operation as canonical_operation
from vnfm.wire import origins, sol002, sol003, v1, v2, vnfcs
from vnfm.wire import snapshot as canonical_snapshot
from vnfm.wire.links import Links
from vnfm.wire.origins import NO_DIFFERENCES, Differences, Origins
from vnfm.wire.screen import Document

Spell = Callable[[Document], Document]
#: The canonical request of a kind of operation; the instance is asked for only if it is needed.
Read = Callable[[OperationType, Document, Callable[[], Instance]], Document]


def _as_it_is(document: Document) -> Document:
    return document


def _as_it_came(kind: OperationType, body: Document, fetch: Callable[[], Instance]) -> Document:
    return body


def _read_sol003(kind: OperationType, body: Document, fetch: Callable[[], Instance]) -> Document:
    return vnfcs.read(kind, body)


def _read_sol002(kind: OperationType, body: Document, fetch: Callable[[], Instance]) -> Document:
    return sol002.request(kind, body)


@dataclass(frozen=True, slots=True)
class View:
    """What an interface, or a version, makes of the canonical form, and of requests back."""

    instance: Spell = _as_it_is
    occurrence: Spell = _as_it_is
    snapshot: Spell = _as_it_is
    request: Read = _as_it_came
    #: The same as the spelling, for what lists are filtered by.
    differences: Differences = NO_DIFFERENCES


_SOL003 = View(sol003.instance, sol003.occurrence, request=_read_sol003, differences=sol003.DIFFERENCES)
_SOL002 = View(sol002.instance, sol002.occurrence, sol002.snapshot, _read_sol002, sol002.DIFFERENCES)
_V1 = View(v1.instance, v1.occurrence, request=v1.request, differences=v1.DIFFERENCES)
_V2 = View(v2.instance)

#: What version 1 has no name for. Such an occurrence is not there for its clients.
_UNKNOWN_TO_V1 = frozenset(
    {OperationType.CHANGE_VNFPKG, OperationType.CREATE_SNAPSHOT, OperationType.REVERT_TO_SNAPSHOT}
)


@dataclass(frozen=True, slots=True)
class Dialect:
    """One API. ``path`` is where it is below the external base URL; ``suffix`` ends its operationIds.

    ``nfvo_path``: the API of the same version in which the NFVO knows what was made through this one.
    """

    path: str
    suffix: str
    nfvo_path: str
    #: Interface first, then version; requests go the other way.
    views: tuple[View, View]
    #: Kinds of operations that it cannot name.
    hidden: frozenset[OperationType] = frozenset()

    def links(self, base_url: str) -> Links:
        """Its resources below the external base URL."""
        return Links.of(base_url, self.path)

    def instance(self, instance: Instance, base_url: str) -> Document:
        """VnfInstance, complete."""
        return self.spell_instance(canonical_instance.complete(instance, self.links(base_url)))

    def instance_origins(self, base_url: str) -> Origins:
        """Where the attributes of its VnfInstance come from."""
        found = origins.instance(self.links(base_url))
        for view in self.views:
            found = view.differences.of_instance(found)
        return found

    def operation(self, operation: Operation, base_url: str) -> Document:
        """VnfLcmOpOcc, complete."""
        return self.spell_occurrence(canonical_operation.complete(operation, self.links(base_url)))

    def operation_origins(self, base_url: str) -> Origins:
        """Where the attributes of its VnfLcmOpOcc come from."""
        found = origins.operation(self.links(base_url))
        for view in self.views:
            found = view.differences.of_operation(found)
        return found

    def snapshot(self, info: SnapshotInfo, base_url: str) -> Document:
        """VnfSnapshotInfo, complete."""
        return self.spell_snapshot(canonical_snapshot.complete(info, self.links(base_url)))

    def snapshot_origins(self, base_url: str) -> Origins:
        """Where the attributes of its VnfSnapshotInfo come from."""
        return origins.snapshot(self.links(base_url))

    def spell_instance(self, document: Document) -> Document:
        """A canonical VnfInstance, or a part of one, in its own words."""
        for view in self.views:
            document = view.instance(document)
        return document

    def spell_occurrence(self, document: Document) -> Document:
        """The same of a VnfLcmOpOcc or a VnfLcmOperationOccurrenceNotification."""
        for view in self.views:
            document = view.occurrence(document)
        return document

    def spell_snapshot(self, document: Document) -> Document:
        """The same of a VnfSnapshotInfo, and of the VNF instance in it."""
        taken = document.get("vnfSnapshot") or {}
        if "vnfInstance" in taken:
            then = {**taken, "vnfInstance": self.spell_instance(taken["vnfInstance"])}
            document = {**document, "vnfSnapshot": then}
        for view in self.views:
            document = view.snapshot(document)
        return document

    def request(self, kind: OperationType, body: Document, fetch: Callable[[], Instance]) -> Document:
        """What a request of this API means, in the canonical form; ``fetch`` gets the VNF instance."""
        for view in reversed(self.views):
            body = view.request(kind, body, fetch)
        return body


SOL003_V2 = Dialect("vnflcm/v2", "", "vnflcm/v2", (_SOL003, _V2))
SOL003_V1 = Dialect("vnflcm/v1", "V1", "vnflcm/v1", (_SOL003, _V1), _UNKNOWN_TO_V1)
SOL002_V2 = Dialect("sol002/vnflcm/v2", "Sol002V2", "vnflcm/v2", (_SOL002, _V2))
SOL002_V1 = Dialect("sol002/vnflcm/v1", "Sol002V1", "vnflcm/v1", (_SOL002, _V1), _UNKNOWN_TO_V1)

#: All that are served, by path.
DIALECTS: Mapping[str, Dialect] = {
    dialect.path: dialect for dialect in (SOL003_V1, SOL003_V2, SOL002_V1, SOL002_V2)
}
