"""The package server: VNF packages kept in memory and shown through SOL003 clause 10."""

from __future__ import annotations

import hashlib
import io
import json
import re
import uuid
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from vnfm.domain.vnfd import SoftwareImage, Vnfd
from vnfm.sandbox.nfvo.http import Refusal, Reply, Request

#: Left out of lists unless all_fields is given (sol013-conventions section 5).
_EXCLUDED = frozenset(
    {"softwareImages", "additionalArtifacts", "userDefinedData", "checksum", "onboardingFailureDetails"}
)
_FILTER = re.compile(r"^\((eq|neq),(\w+),([^,()]+)\)$")
_CREATED = "2025-01-01T00:00:00Z"


@dataclass(slots=True)
class Package:
    """One onboarded package."""

    id: str
    content: bytes
    vnfd: Vnfd
    operational_state: str = "ENABLED"
    usage_state: str = "NOT_IN_USE"

    def names(self) -> list[str]:
        """Files in the CSAR."""
        with zipfile.ZipFile(io.BytesIO(self.content)) as archive:
            return [name for name in archive.namelist() if not name.endswith("/")]

    def read(self, name: str) -> bytes | None:
        """One file of the CSAR, or None."""
        with zipfile.ZipFile(io.BytesIO(self.content)) as archive:
            try:
                return archive.read(name)
            except KeyError:
                return None

    def info(self) -> dict[str, Any]:
        """VnfPkgInfo (SOL003 10.5.2.2), links relative to the server's root."""
        own = f"/vnfpkgm/v2/vnf_packages/{self.id}"
        return {
            "id": self.id,
            "vnfdId": self.vnfd.id,
            "vnfProvider": self.vnfd.provider,
            "vnfProductName": self.vnfd.product_name,
            "vnfSoftwareVersion": self.vnfd.software_version,
            "vnfdVersion": self.vnfd.version,
            "checksum": {"algorithm": "SHA-256", "hash": hashlib.sha256(self.content).hexdigest()},
            "packageSecurityOption": "OPTION_1",
            "softwareImages": [_image_info(image) for image in images_of(self.vnfd).values()],
            "additionalArtifacts": [self._artifact_info(name) for name in self._artifacts()],
            "onboardingState": "ONBOARDED",
            "operationalState": self.operational_state,
            "usageState": self.usage_state,
            "vnfmInfo": list(self.vnfd.vnfm_info) or ["vnfm"],
            "_links": {
                "self": {"href": own},
                "vnfd": {"href": f"{own}/vnfd"},
                "packageContent": {"href": f"{own}/package_content"},
            },
        }

    def _artifacts(self) -> list[str]:
        mano = ("Definitions/", "TOSCA-Metadata/")
        return [
            n for n in self.names() if not n.startswith(mano) and not n.endswith((".mf", ".cert", ".yaml"))
        ]

    def _artifact_info(self, name: str) -> dict[str, Any]:
        digest = hashlib.sha256(self.read(name) or b"").hexdigest()
        checksum = {"algorithm": "SHA-256", "hash": digest}
        return {"artifactPath": name, "checksum": checksum, "isEncrypted": False}


def images_of(vnfd: Vnfd) -> Mapping[str, SoftwareImage]:
    """Every software image of every flavour by its id."""
    found: dict[str, SoftwareImage] = {}
    for flavour in vnfd.flavours.values():
        images = [vdu.image for vdu in flavour.vdus.values()]
        images += [storage.image for storage in flavour.storages.values()]
        found |= {image.id: image for image in images if image is not None}
    return found


def _image_info(image: SoftwareImage) -> dict[str, Any]:
    return {
        "id": image.id,
        "name": image.name,
        "provider": image.provider or "",
        "version": image.version,
        "checksum": {
            "algorithm": (image.checksum_algorithm or "SHA-256").upper(),
            "hash": image.checksum_hash or "",
        },
        "isEncrypted": False,
        "containerFormat": image.container_format.upper(),
        "diskFormat": image.disk_format.upper(),
        "createdAt": _CREATED,
        "minDisk": image.min_disk,
        "minRam": image.min_ram,
        "size": image.size,
    }


class Packages:
    """The package management interface, producer side. ``parse`` reads a CSAR; it raises for a bad one."""

    def __init__(self, parse: Callable[[bytes], Vnfd]) -> None:
        self._parse = parse
        self._by_id: dict[str, Package] = {}

    def onboard(self, content: bytes) -> Package:
        """Take a CSAR in; a second one with the same VNFD takes the place of the first."""
        vnfd = self._parse(content)
        former = self.find_vnfd(vnfd.id)
        package = Package(former.id if former else str(uuid.uuid4()), content, vnfd)
        self._by_id[package.id] = package
        return package

    def change(self, package_id: str, change: Mapping[str, Any]) -> Package:
        """Enable or disable one."""
        package = self.require(package_id)
        state = change.get("operationalState")
        if state not in ("ENABLED", "DISABLED"):
            raise Refusal(400, "operationalState is to be ENABLED or DISABLED")
        package.operational_state = state
        return package

    def find_vnfd(self, vnfd_id: str) -> Package | None:
        """The package of that VNFD."""
        return next((package for package in self._by_id.values() if package.vnfd.id == vnfd_id), None)

    def image_ids(self, vnfd_id: str) -> Iterable[str]:
        """Software image ids of that VNFD; none if the package is not here."""
        package = self.find_vnfd(vnfd_id)
        return images_of(package.vnfd).keys() if package else ()

    def require(self, package_id: str) -> Package:
        """The package of that id, or 404."""
        try:
            return self._by_id[package_id]
        except KeyError:
            raise Refusal(404, f"there is no VNF package {package_id}") from None

    def list(self, request: Request) -> Reply:
        """GET on the container: ``filter`` with one eq or neq, ``all_fields``, ``exclude_default``."""
        unknown = request.query.keys() - {"filter", "all_fields", "exclude_default"}
        if unknown:
            raise Refusal(400, f"not supported here: {', '.join(sorted(unknown))}")
        infos = [package.info() for package in self._by_id.values()]
        if "filter" in request.query:
            infos = [info for info in infos if _passes(request.query["filter"], info)]
        if "all_fields" not in request.query:
            infos = [{k: v for k, v in info.items() if k not in _EXCLUDED} for info in infos]
        return Reply.of(200, infos)

    def serve(self, package: Package, rest: str, request: Request) -> Reply:
        """GET on one package (``rest`` empty) or below it."""
        if rest.startswith("artifacts/"):
            return self._artifact(package, rest.removeprefix("artifacts/"))
        if rest not in _VIEWS:
            raise Refusal(404, f"there is no {rest} of a VNF package here")
        return _VIEWS[rest](package, request.headers.get("accept", "*/*"))

    def _artifact(self, package: Package, name: str) -> Reply:
        content = package.read(name)
        if content is None:
            raise Refusal(404, f"there is no artifact {name}")
        return Reply(200, content, {"Content-Type": "application/octet-stream"})


def _passes(text: str, info: Mapping[str, Any]) -> bool:
    match = _FILTER.match(text)
    if match is None:
        raise Refusal(400, "only one eq or neq of a plain attribute is supported here")
    operator, attribute, value = match.groups()
    return (str(info.get(attribute)) == value) == (operator == "eq")


def _accepts(accept: str, kind: str) -> bool:
    main = kind.partition("/")[0]
    offered = {part.partition(";")[0].strip() for part in accept.split(",")}
    return bool(offered & {"*/*", f"{main}/*", kind})


def _view_info(package: Package, accept: str) -> Reply:
    return Reply(200, json.dumps(package.info()).encode(), {"Content-Type": "application/json"})


def _view_content(package: Package, accept: str) -> Reply:
    if not _accepts(accept, "application/zip"):
        raise Refusal(406, "the content is application/zip")
    return Reply(200, package.content, {"Content-Type": "application/zip"})


def _view_vnfd(package: Package, accept: str) -> Reply:
    names = [name for name in package.names() if name.endswith((".yaml", ".yml", "TOSCA.meta"))]
    yamls = [name for name in names if not name.endswith("TOSCA.meta")]
    if len(yamls) == 1 and _accepts(accept, "text/plain"):
        return Reply(200, package.read(yamls[0]) or b"", {"Content-Type": "text/plain"})
    if not _accepts(accept, "application/zip"):
        raise Refusal(406, "this VNFD has several files: application/zip")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, package.read(name) or b"")
    return Reply(200, packed.getvalue(), {"Content-Type": "application/zip"})


def _view_manifest(package: Package, accept: str) -> Reply:
    name = next((name for name in package.names() if name.endswith(".mf")), None)
    if name is None:
        raise Refusal(404, "this package has no manifest")
    return Reply(200, package.read(name) or b"", {"Content-Type": "text/plain"})


_VIEWS: Mapping[str, Callable[[Package, str], Reply]] = {
    "": _view_info,
    "vnfd": _view_vnfd,
    "package_content": _view_content,
    "manifest": _view_manifest,
}
