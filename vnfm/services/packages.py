"""VNF packages: fetched from the NFVO when first needed, parsed once, kept."""

from __future__ import annotations

import logging
from dataclasses import replace

from vnfm.domain.vnfd import Vnfd
from vnfm.errors import Permanent, Temporary, Unprocessable
from vnfm.services.deps import Deps
from vnfm.vnfd.document import to_document

log = logging.getLogger(__name__)


def require(deps: Deps, tenant: str, vnfd_id: str) -> Vnfd:
    """The VNFD, fetched from the NFVO if need be; Unprocessable if there is no usable package of that id."""
    known = deps.vnfds.find(tenant, vnfd_id)
    if known is not None:
        return known
    try:
        found = deps.source.fetch_package(vnfd_id)
    except Permanent as exc:  # between NFVO and us, not the caller's doing
        raise Temporary(f"the VNF package of VNFD {vnfd_id!r} cannot be had: {exc.detail}", 30) from exc
    if found is None:
        raise Unprocessable(f"vnfdId: the NFVO has no enabled VNF package with VNFD {vnfd_id!r}")
    package = deps.read_package(found.content)
    if package.vnfd.id != vnfd_id:
        raise Unprocessable(f"vnfdId: the package served for {vnfd_id!r} holds VNFD {package.vnfd.id!r}")
    vnfd = replace(package.vnfd, package_id=found.id)
    for note in package.notes:
        log.info("package of VNFD %s: %s", vnfd_id, note)
    deps.packages.put(tenant, vnfd_id, package.content_hash, to_document(vnfd))
    return vnfd
