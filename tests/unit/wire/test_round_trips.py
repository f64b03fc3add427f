"""Instances, occurrences and requests made up at random, in every dialect and back.

What a dialect has words for is found out from its specification (``makeup.Words``), so an attribute that is
forgotten, or taken away too eagerly, is found without anybody having thought of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.domain import T0, make_instance, make_operation
from tests.unit.wire.makeup import Words, faults, makeup
from vnfm import wire
from vnfm.domain.event import Event, Kind
from vnfm.domain.instance import Instance, InstantiationState
from vnfm.domain.operation import OperationType
from vnfm.domain.snapshot import SnapshotInfo
from vnfm.domain.subscription import Subscription, Verbosity
from vnfm.errors import BadRequest
from vnfm.wire import notification
from vnfm.wire.dialect import DIALECTS, SOL002_V1, SOL002_V2, SOL003_V1, SOL003_V2, Dialect

BASE = "https://vnfm.example/api"
V2 = makeup("sol003-vnflcm-v2.yaml")
TRIES = settings(max_examples=40, deadline=None, derandomize=True)

#: The request that starts an operation of each kind.
REQUESTS: Mapping[OperationType, str] = {
    OperationType.INSTANTIATE: "InstantiateVnfRequest",
    OperationType.SCALE: "ScaleVnfRequest",
    OperationType.SCALE_TO_LEVEL: "ScaleVnfToLevelRequest",
    OperationType.CHANGE_FLAVOUR: "ChangeVnfFlavourRequest",
    OperationType.TERMINATE: "TerminateVnfRequest",
    OperationType.HEAL: "HealVnfRequest",
    OperationType.OPERATE: "OperateVnfRequest",
    OperationType.CHANGE_EXT_CONN: "ChangeExtVnfConnectivityRequest",
    OperationType.MODIFY_INFO: "VnfInfoModificationRequest",
}


def spec_of(dialect: Dialect) -> str:
    """The file of its specification."""
    interface = "sol002" if dialect.path.startswith("sol002") else "sol003"
    return f"{interface}-vnflcm-{dialect.path.rsplit('/')[-1]}.yaml"


def read_by(dialect: Dialect, kind: OperationType, body: Any) -> Any:
    """The canonical request; of an instance that has no connection points yet."""
    return dialect.request(kind, body, make_instance)


@st.composite
def instances(draw: st.DrawFn) -> Instance:
    """An instance with anything a VnfInstance of version 2 can have."""
    info = draw(V2.of("VnfInstanceInstantiatedVnfInfo"))
    vnfcs = [vnfc["id"] for vnfc in info.get("vnfcResourceInfo", ())]
    return make_instance(
        vnf_pkg_id=draw(st.sampled_from([None, "p1"])),
        state=InstantiationState.INSTANTIATED,
        vim_connection_info=draw(
            st.dictionaries(st.sampled_from("vw"), V2.of("VimConnectionInfo"), max_size=2)
        ),
        instantiated_vnf_info=info,
        metadata={"vnfdId": "theirs", "zoneId": "theirs"},
        vnfc_states={vnfc: "STOPPED" for vnfc in vnfcs[:1]},
        vnfc_properties={vnfc: {"a": 1} for vnfc in vnfcs[1:]},
    )


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=lambda dialect: dialect.path)
@given(instance=instances())
@TRIES
def test_an_instance_in_every_dialect(dialect: Dialect, instance: Instance) -> None:
    document = dialect.instance(instance, BASE)
    file = spec_of(dialect)
    assert faults(file, "VnfInstance", document) == []
    canonical = wire.instance.complete(instance, dialect.links(BASE))
    told = {"vnfPkgId": instance.vnfd_id, **canonical}
    assert document == Words(file).of("VnfInstance", told)


def resource_changes(made: Mapping[str, Any]) -> dict[str, Any]:
    """As they are stored: virtual IPs among the resources."""
    vips = {"affectedVipCps": made["affectedVipCps"]} if "affectedVipCps" in made else {}
    return {**made.get("resourceChanges", {}), **vips}


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=lambda dialect: dialect.path)
@given(data=st.data())
@TRIES
def test_an_occurrence_in_every_dialect(dialect: Dialect, data: st.DataObject) -> None:
    known = V2.of("VnfLcmOpOcc")
    made = data.draw(known)
    operation = make_operation(
        type=OperationType.HEAL,
        grant_id=made.get("grantId"),
        error=made.get("error"),
        resource_changes=resource_changes(made),
        changed_info=made.get("changedInfo", {}),
        changed_ext_connectivity=made.get("changedExtConnectivity", []),
        warnings=made.get("warnings", []),
        params={},
    )
    document = dialect.operation(operation, BASE)
    file = spec_of(dialect)
    assert faults(file, "VnfLcmOpOcc", document) == []
    canonical = wire.operation.complete(operation, dialect.links(BASE))
    expected = Words(file).of("VnfLcmOpOcc", canonical)
    assert document == {key: value for key, value in expected.items() if value != {}}


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=lambda dialect: dialect.path)
@given(data=st.data())
@TRIES
def test_a_notification_in_every_dialect(dialect: Dialect, data: st.DataObject) -> None:
    made = data.draw(V2.of("VnfLcmOpOcc"))
    facts = {
        "operation": "HEAL",
        "state": made["operationState"],
        "automatic": made["isAutomaticInvocation"],
        "error": made.get("error"),
        "resource_changes": resource_changes(made),
        "changed_info": made.get("changedInfo"),
        "changed_ext_connectivity": made.get("changedExtConnectivity"),
        "package_modifications": made.get("modificationsTriggeredByVnfPkgChange"),
    }
    event = Event(Kind.OCCURRENCE, "o1", data.draw(st.integers(0, 1)), T0, "i1", facts=facts)
    verbosity = data.draw(st.sampled_from(Verbosity))
    subscription = Subscription("s1", "t", "c", dialect.path, "https://x", verbosity=verbosity)
    document = notification.spell(event, subscription, BASE)
    file = spec_of(dialect)
    assert faults(file, "VnfLcmOperationOccurrenceNotification", document) == []
    canonical = notification.canonical(event, subscription, dialect.links(BASE))
    expected = Words(file).of("VnfLcmOperationOccurrenceNotification", canonical)
    assert document == {key: value for key, value in expected.items() if value != {}}


@pytest.mark.parametrize("dialect", [SOL003_V2, SOL002_V2], ids=lambda dialect: dialect.path)
@given(made=V2.of("VnfSnapshot"), instance=instances())
@TRIES
def test_a_snapshot_in_every_dialect(dialect: Dialect, made: dict[str, Any], instance: Instance) -> None:
    record = {name: getattr(instance, name) for name in Instance.__slots__}
    taken = {key: value for key, value in made.items() if key not in {"vnfInstance", "_links"}}
    info = SnapshotInfo("s1", "t", T0, vnf_snapshot=taken, instance=record)
    document = dialect.snapshot(info, BASE)
    assert faults(spec_of(dialect), "VnfSnapshotInfo", document) == []


@pytest.mark.parametrize("kind", REQUESTS, ids=str)
@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=lambda dialect: dialect.path)
@given(data=st.data())
@TRIES
def test_a_request_is_understood_and_shown_as_it_came(
    dialect: Dialect, kind: OperationType, data: st.DataObject
) -> None:
    body = data.draw(makeup(spec_of(dialect)).of(REQUESTS[kind]))
    body.pop("healScript", None)  # refused, see test_sol002
    body.pop("vnfPkgId", None)  # refused or no change, see test_v1
    if dialect in (SOL003_V1, SOL003_V2):
        body.pop("vnfcInstanceId", None)  # shown in additionalParams, see test_sol002
    for name in ("vimConnectionInfoDeleteIds", "vnfcInfoModificationsDeleteIds"):
        if name in body:
            body[name] = list(dict.fromkeys(body[name]))
    try:
        canonical = read_by(dialect, kind, body)
    except BadRequest:
        assert _repeats(body)
        return
    known = {key: value for key, value in canonical.items() if key != "vnfcInfoModifications"}
    assert faults("sol003-vnflcm-v2.yaml", REQUESTS[kind], known) == []
    occurrence = make_operation(type=kind, params=canonical)
    shown = dialect.operation(occurrence, BASE).get("operationParams", {})
    assert _comparable(shown) == _comparable(body)


#: How gently something was stopped is told to all, although an EM of version 1 could not have asked for it.
_GENTLE = {OperationType.OPERATE, OperationType.TERMINATE}


@pytest.mark.parametrize(
    ("dialect", "kind"),
    [
        *((SOL003_V1, kind) for kind in REQUESTS),
        *((SOL002_V1, kind) for kind in REQUESTS if kind not in _GENTLE),
    ],
    ids=lambda one: getattr(one, "path", str(one)),
)
@given(data=st.data())
@TRIES
def test_a_request_of_version_2_is_shown_and_read_by_version_1(
    dialect: Dialect, kind: OperationType, data: st.DataObject
) -> None:
    """What version 1 can hold of it comes back as it was."""
    body = data.draw(V2.of(REQUESTS[kind]))
    body.pop("vnfcInstanceId", None)  # not canonical
    shown = dialect.operation(make_operation(type=kind, params=body), BASE).get("operationParams", {})
    held = Words(spec_of(dialect)).of(REQUESTS[kind], wire.screen.asked(body))
    assert _comparable(shown) == _comparable(held)
    if dialect is SOL003_V1 and kind is not OperationType.CHANGE_EXT_CONN:
        again = dialect.operation(make_operation(type=kind, params=read_by(dialect, kind, shown)), BASE)
        assert again.get("operationParams", {}) == shown


def _repeats(body: Any) -> bool:
    """Whether something is named twice, or there is a connection point that no VNF has."""
    ids = [entry["id"] for entry in body.get("vimConnectionInfo", ())]
    ids += body.get("vimConnectionInfoDeleteIds", [])
    ids += [entry["id"] for entry in body.get("vnfcInfoModifications", ())]
    ids += body.get("vnfcInfoModificationsDeleteIds", [])
    points = [cp for link in body.get("extVirtualLinks", ()) for cp in link.get("extCps", ())]
    named = [
        [config["cpInstanceId"] for config in cp.get("cpConfig", ()) if "cpInstanceId" in config]
        for cp in points
        if isinstance(cp.get("cpConfig"), list)
    ]
    twice = any(len(set(names)) < len(names) for names in named)
    return len(set(ids)) < len(ids) or twice or any(named)


def _comparable(body: Any) -> Any:
    """Without secrets, without names that we have given, and without the order of what has none."""
    if isinstance(body, Mapping):
        kept = {key: _comparable(value) for key, value in wire.screen.asked(body).items()}
        kept.pop("cpInstanceId", None)
        return {key: value for key, value in kept.items() if value not in ([], {})}
    if isinstance(body, list):
        return [_comparable(item) for item in body]
    return body
