"""VNF instances: make an identifier, read, forget (SOL003 5.4.2, 5.4.3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vnfm.domain import etag
from vnfm.domain.instance import Instance, InstantiationState
from vnfm.domain.principal import Principal
from vnfm.domain.query import Query
from vnfm.errors import Conflict, NotFound, PreconditionFailed
from vnfm.services import packages
from vnfm.services.deps import Deps


def create(deps: Deps, principal: Principal, body: Mapping[str, Any], api: str = "vnflcm/v2") -> Instance:
    """A new instance, NOT_INSTANTIATED. Unprocessable if no enabled package has the vnfdId.

    ``api``: by the links of which API the NFVO will know it.
    """
    vnfd = packages.require(deps, principal.tenant, body["vnfdId"])
    instance = Instance(
        id=deps.new_id(),
        tenant=principal.tenant,
        api=api,
        vnfd_id=vnfd.id,
        vnf_provider=vnfd.provider,
        vnf_product_name=vnfd.product_name,
        vnf_software_version=vnfd.software_version,
        vnfd_version=vnfd.version,
        vnf_pkg_id=vnfd.package_id,
        name=body.get("vnfInstanceName"),
        description=body.get("vnfInstanceDescription"),
        metadata={**vnfd.metadata, **(body.get("metadata") or {})},
        extensions=dict(vnfd.extensions),
        vnf_configurable_properties=dict(vnfd.configurable_properties),
        created=deps.clock(),
    )
    deps.instances.insert(principal.tenant, instance)
    return instance


def get(deps: Deps, principal: Principal, instance_id: str) -> Instance:
    """The instance; NotFound if this tenant has none of that id."""
    found = deps.instances.get(principal.tenant, instance_id)
    if found is None:
        raise NotFound(f"there is no VNF instance {instance_id}")
    return found


def page(deps: Deps, principal: Principal, query: Query) -> list[Instance]:
    """Those instances of the caller's tenant that the query asks for."""
    return deps.instances.page(principal.tenant, query)


def require_match(instance: Instance, if_match: str | None) -> None:
    """PreconditionFailed if the caller knows other versions of the instance only (RFC 9110 13.1.1)."""
    if not etag.is_known(str(instance.revision), if_match):
        raise PreconditionFailed(f"the VNF instance has changed since; its ETag is now {instance.revision}")


def delete(deps: Deps, principal: Principal, instance_id: str, if_match: str | None) -> None:
    """Forget a NOT_INSTANTIATED instance; Conflict while it is instantiated or an operation holds it."""
    instance = get(deps, principal, instance_id)
    require_match(instance, if_match)
    if instance.state is not InstantiationState.NOT_INSTANTIATED:
        raise Conflict("the VNF instance is INSTANTIATED; terminate it first")
    if instance.is_half_made:
        raise Conflict("an operation that was given up has left resources in the VIM; terminate it first")
    holder = deps.operations.active_on(principal.tenant, instance_id)
    if holder is not None and holder != instance.settled_by:
        raise Conflict(f"the life-cycle operation {holder} of this VNF instance has not ended yet")
    if not deps.instances.delete(principal.tenant, instance, deps.clock()):
        raise Conflict("the VNF instance is being changed by another request")
    deps.secrets.delete(principal.tenant, f"vim/{instance_id}/")
