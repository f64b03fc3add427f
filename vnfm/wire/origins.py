"""Where the attributes of resources, in canonical spelling, come from: what a list is filtered by, and which
stored fields an entry is made of. The modules that spell say the same as code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from vnfm.domain.instance import InstantiationState
from vnfm.domain.operation import TASKS, OperationType
from vnfm.domain.query import (
    REST,
    Among,
    Entries,
    Field,
    Filled,
    First,
    IsSet,
    Joined,
    Looked,
    Removed,
    Source,
    Sources,
    Text,
    When,
)
from vnfm.wire import instance as spelled_instance
from vnfm.wire import screen
from vnfm.wire.links import Links

Trail = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stored:
    """An attribute that is stored in another way than it is spelled: under other ``names`` from the structure
    on that it is in; in ``many`` elements of an array; or in a map, to be read in some way."""

    names: tuple[str, ...] = ()
    many: bool = False
    reading: Entries | Removed | None = None


@dataclass(frozen=True)
class Origins:
    """Where the attributes of a resource come from. ``stored``: where within them storage and spelling
    differ. ``shows``: whether what is stored at a path may leave at all."""

    sources: Sources
    stored: Mapping[Trail, Stored] = field(default_factory=dict)
    shows: Callable[[Trail], bool] = screen.shows


@dataclass(frozen=True)
class Differences:
    """What a view of the canonical form spells in another way than it is stored.

    What its types do not have need not be here, but operationParams may be anything: ``hides`` says so of a
    path in an operation. ``sources`` are those of operations.
    """

    instance: Mapping[Trail, Stored] = field(default_factory=dict)
    operation: Mapping[Trail, Stored] = field(default_factory=dict)
    sources: Sources = field(default_factory=dict)
    hides: Callable[[Trail], bool] = lambda path: False

    def of_instance(self, origins: Origins) -> Origins:
        """Where the attributes of a VnfInstance come from, seen so."""
        return replace(origins, stored={**origins.stored, **self.instance})

    def of_operation(self, origins: Origins) -> Origins:
        """Where the attributes of a VnfLcmOpOcc come from, seen so."""
        return Origins(
            {**origins.sources, **self.sources},
            {**origins.stored, **self.operation},
            lambda path: origins.shows(path) and not self.hides(path),
        )


NO_DIFFERENCES = Differences()


def _href(link: Source) -> Sources:
    return {"href": link}


@lru_cache(maxsize=64)
def instance(links: Links) -> Origins:
    """VnfInstance."""
    return Origins({**_instance(), "_links": _instance_links(links)})


def _instance(prefix: str = "", identifier: str = "_id") -> dict[str, Source | Sources]:
    stored = {
        "id": identifier,
        "vnfInstanceName": "name",
        "vnfInstanceDescription": "description",
        "vnfdId": "vnfd_id",
        "vnfProvider": "vnf_provider",
        "vnfProductName": "vnf_product_name",
        "vnfSoftwareVersion": "vnf_software_version",
        "vnfdVersion": "vnfd_version",
        "instantiationState": "state",
        "vnfConfigurableProperties": "vnf_configurable_properties",
        "vimConnectionInfo": "vim_connection_info",
        "metadata": "metadata",
        "extensions": "extensions",
    }
    return {
        **{name: Field(prefix + path) for name, path in stored.items()},
        "vnfPkgId": First(Field(f"{prefix}vnf_pkg_id"), Field(f"{prefix}vnfd_id")),
        "instantiatedVnfInfo": {"vnfcInfo": _vnfcs(prefix), REST: Field(f"{prefix}instantiated_vnf_info")},
    }


def _vnfcs(prefix: str) -> Source:
    info = f"{prefix}instantiated_vnf_info"
    state = Looked(Field(f"{prefix}vnfc_states"), "id", Field(f"{info}.vnfState"))
    return Joined(
        Field(f"{info}.vnfcResourceInfo"),
        (
            ("id", "id"),
            ("vduId", "vduId"),
            ("vnfcResourceInfoId", "id"),
            ("vnfcState", state),
            ("vnfcConfigurableProperties", Looked(Field(f"{prefix}vnfc_properties"), "id")),
        ),
    )


def _instance_links(links: Links) -> Sources:
    identifier = Field("_id")
    here = links.instance("")
    tasks = {
        name: _href(When(_permitting(name), Text((here, identifier, f"/{segment}"))))
        for name, (segment, _) in spelled_instance.TASK_LINKS.items()
    }
    return {"self": _href(Text((here, identifier))), **tasks}


def _permitting(link: str) -> tuple[tuple[Among | Filled, ...], ...]:
    """The states in which an instance has a link, unless its VNFD rules the operation out."""
    _, kind = spelled_instance.TASK_LINKS[link]
    possible = Among(Field("ruled_out"), frozenset({kind}), found=False)
    return tuple(
        (possible, Among(Field("state"), frozenset({state})), Filled(Field("resources"), filled))
        for state in InstantiationState
        for filled in (False, True)
        if link in spelled_instance.tasks(state, half_made=filled and state == "NOT_INSTANTIATED")
    )


@lru_cache(maxsize=64)
def operation(links: Links) -> Origins:
    """VnfLcmOpOcc."""
    stored = {
        "id": "_id",
        "operationState": "state",
        "stateEnteredTime": "state_entered_time",
        "startTime": "start_time",
        "vnfInstanceId": "vnf_instance_id",
        "grantId": "grant_id",
        "operation": "type",
        "isAutomaticInvocation": "automatic",
        "cancelMode": "cancel_mode",
        "warnings": "warnings",
        "operationParams": "params",
        "error": "error",
        "resourceChanges": "resource_changes",
        "affectedVipCps": "resource_changes.affectedVipCps",
        "changedInfo": "changed_info",
        "modificationsTriggeredByVnfPkgChange": "package_modifications",
        "changedExtConnectivity": "changed_ext_connectivity",
    }
    return Origins(
        {
            **{name: Field(path) for name, path in stored.items()},
            "isCancelPending": IsSet(Field("cancel_mode")),
            "vnfSnapshotInfoId": When(_ABOUT_SNAPSHOTS, _SNAPSHOT),
            "_links": _operation_links(links),
        },
        {
            ("_links", "grant"): Stored(many=True),
            ("_links", "grant", "href"): Stored(("result", "grant", "_links", "self", "href")),
        },
    )


_SNAPSHOT = Field("params.vnfSnapshotInfoId")
_ABOUT_SNAPSHOTS = (
    (Among(Field("type"), frozenset({OperationType.CREATE_SNAPSHOT, OperationType.REVERT_TO_SNAPSHOT})),),
)

#: What must be so beside the state before a task is possible (``Operation.allows``).
_BESIDES = {
    "rollback": (Filled(Field("rollback_refusal"), False),),
    "cancel": (Filled(Field("cancel_mode"), False),),
}


def _operation_links(links: Links) -> Sources:
    here = links.operation("")
    tasks = {
        task: _href(
            When(
                ((Among(Field("state"), frozenset(states)), *_BESIDES.get(task, ())),),
                Text((here, Field("_id"), f"/{task}")),
            )
        )
        for task, states in TASKS.items()
    }
    return {
        "self": _href(Text((here, Field("_id")))),
        "vnfInstance": _href(Text((links.instance(""), Field("vnf_instance_id")))),
        "grant": Field("steps"),
        "vnfSnapshot": _href(When(_ABOUT_SNAPSHOTS, Text((links.snapshot(""), _SNAPSHOT)))),
        **tasks,
    }


@lru_cache(maxsize=64)
def snapshot(links: Links) -> Origins:
    """VnfSnapshotInfo. Of the links of the VNF instance in it, only that to itself says something."""
    taken = (
        "id", "vnfInstanceId", "creationStartedAt", "creationFinishedAt", "vnfdId", "vnfcSnapshots",
        "userDefinedData",
    )  # fmt: skip
    then = Text((links.instance(""), Field("instance.id")))
    return Origins(
        {
            "id": Field("_id"),
            "vnfSnapshot": {
                **{name: Field(f"vnf_snapshot.{name}") for name in taken},
                "vnfInstance": {**_instance("instance.", "id"), "_links": {"self": _href(then)}},
            },
            "_links": {
                "self": _href(Text((links.snapshot(""), Field("_id")))),
                "takenFrom": _href(Text((links.instance(""), Field("vnf_snapshot.vnfInstanceId")))),
            },
        }
    )


@lru_cache(maxsize=64)
def subscription(links: Links) -> Origins:
    """LccnSubscription."""
    stored = {"id": "_id", "filter": "filter", "callbackUri": "callback_uri", "verbosity": "verbosity"}
    return Origins(
        {
            **{name: Field(path) for name, path in stored.items()},
            "_links": {"self": _href(Text((links.subscription(""), Field("_id"))))},
        }
    )
