"""GET of the containers of VNF LCM: what each lists, and what it leaves out by default."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from vnfm.api.call import Answer, Call, Gateway
from vnfm.api.sol013 import listing
from vnfm.api.sol013.listing import Listing
from vnfm.domain.instance import Instance
from vnfm.domain.operation import Operation
from vnfm.domain.principal import Principal
from vnfm.domain.query import Field, Operator, Query, Step, Term
from vnfm.domain.snapshot import SnapshotInfo
from vnfm.domain.subscription import Subscription
from vnfm.services import instances, operations, snapshots, subscriptions
from vnfm.services.deps import Deps
from vnfm.wire import origins
from vnfm.wire import subscription as spelled_subscription
from vnfm.wire.dialect import DIALECTS, Dialect


def _spec(dialect: Dialect) -> str:
    """The file that specifies an API: ``sol002/vnflcm/v1`` is in sol002-vnflcm-v1.yaml."""
    name = dialect.path.replace("/", "-")
    return f"{name}.yaml" if name.startswith("sol002") else f"sol003-{name}.yaml"


def _instances(dialect: Dialect, base_url: str) -> Listing[Instance]:
    return Listing(
        spec=_spec(dialect),
        type="VnfInstance",
        origins=dialect.instance_origins(base_url),
        find=instances.page,
        spell=lambda instance: dialect.instance(instance, base_url),
        identify=lambda instance: instance.id,
        defaults=(
            "vnfConfigurableProperties", "vimConnectionInfo", "instantiatedVnfInfo", "metadata", "extensions",
        ),
    )  # fmt: skip


def _operations(dialect: Dialect, base_url: str) -> Listing[Operation]:
    kinds = tuple(sorted(map(str, dialect.hidden)))
    hidden = Term(Operator.NIN, Field("type"), Step(""), (), kinds)
    return Listing(
        spec=_spec(dialect),
        type="VnfLcmOpOcc",
        origins=dialect.operation_origins(base_url),
        find=operations.page,
        spell=lambda operation: dialect.operation(operation, base_url),
        identify=lambda operation: operation.id,
        defaults=("operationParams", "error", "resourceChanges", "changedInfo", "changedExtConnectivity"),
        within=(hidden,) if kinds else (),
    )


def _snapshots(dialect: Dialect, base_url: str) -> Listing[SnapshotInfo]:
    return Listing(
        spec=_spec(dialect),
        type="VnfSnapshotInfo",
        origins=dialect.snapshot_origins(base_url),
        find=snapshots.page,
        spell=lambda info: dialect.snapshot(info, base_url),
        identify=lambda info: info.id,
        defaults=("vnfSnapshot/vnfInstance", "vnfSnapshot/vnfcSnapshots"),
    )


def _subscriptions(dialect: Dialect, base_url: str) -> Listing[Subscription]:
    def find(deps: Deps, principal: Principal, query: Query) -> list[Subscription]:
        return subscriptions.page(deps, principal, dialect.path, query)

    return Listing(
        spec=_spec(dialect),
        type="LccnSubscription",
        origins=origins.subscription(dialect.links(base_url)),
        find=find,
        spell=lambda subscription: spelled_subscription.complete(subscription, base_url),
        identify=lambda subscription: subscription.id,
        has_selectors=False,
    )


#: Last segment of a container's path → what makes its listing in a dialect.
_LISTINGS: Mapping[str, Callable[[Dialect, str], Listing[Any]]] = {
    "vnf_instances": _instances,
    "vnf_lcm_op_occs": _operations,
    "vnf_snapshots": _snapshots,
    "subscriptions": _subscriptions,
}


@lru_cache(maxsize=256)
def listing_of(container: str, path: str, base_url: str) -> Listing[Any]:
    """What a container lists: its path's last segment, the API's path, the address that links begin with."""
    return _LISTINGS[container](DIALECTS[path], base_url)


def answer(gateway: Gateway, call: Call, dialect: Dialect) -> Answer:
    """GET /vnf_instances, /vnf_lcm_op_occs, /vnf_snapshots, /subscriptions"""
    container = call.path.rpartition("/")[2]
    return listing.answer(gateway, call, listing_of(container, dialect.path, gateway.base_url))
