"""Software images, as the property of 2.x or the artifact of 3.x and later, and the other artifacts."""

from __future__ import annotations

from collections.abc import Iterator

from vnfm.domain.vnfd import SoftwareImage
from vnfm.vnfd import scalars
from vnfm.vnfd.node import Node
from vnfm.vnfd.topology import Template, Topology
from vnfm.vnfd.typetree import SW_IMAGE

#: Digest length in hex digits to its name, for the bare checksum text of 2.5.1.
_BY_LENGTH = {32: "md5", 40: "sha-1", 56: "sha-224", 64: "sha-256", 96: "sha-384", 128: "sha-512"}


def artifacts(template: Template) -> Iterator[tuple[str, Node]]:
    """Artifacts of a node template by name; a bare text is its file."""
    stated = template.node.get("artifacts")
    if stated is not None:
        yield from stated.pairs()


def artifact_file(artifact: Node) -> Node:
    """The file of an artifact in either form."""
    return artifact.need("file") if artifact.is_mapping else artifact


def is_image(artifact: Node, topology: Topology) -> bool:
    kind = artifact.get("type") if artifact.is_mapping else None
    return kind is not None and topology.types.derives("artifact_types", kind.text(), SW_IMAGE, kind)


def read(template: Template, topology: Topology) -> SoftwareImage | None:
    """The image a VDU or storage carries, None if it carries none.

    Releases 3.3.1 to 3.5.1 allow both forms at once: the artifact's own properties win, and the property
    fills their gaps.
    """
    found = [artifact for _, artifact in artifacts(template) if is_image(artifact, topology)]
    if len(found) > 1:
        raise found[1].fail("several-images", f"'{template.name}' carries more than one software image")
    data = dict((template.properties.get("sw_image_data") or _NOTHING).mapping())
    path = None
    if found:
        kind = found[0].need("type").text()
        stated = topology.types.properties("artifact_types", kind, found[0].get("properties"), found[0])
        data.update({key: value for key, value in stated.items() if not value.is_null})
        path = _path(artifact_file(found[0]), topology)
    if not data:
        if found:
            raise found[0].fail(
                "image-without-data", "the software image has neither properties nor sw_image_data"
            )
        return None
    at = found[0] if found else template.properties["sw_image_data"]
    return _image(template.name, Node(at.file, at.line, at.path, data), path)


def _path(file: Node, topology: Topology) -> str:
    return file.text() if "://" in file.text() else topology.path_of(file.text(), file)


def _image(owner: str, data: Node, path: str | None) -> SoftwareImage:
    algorithm, digest = _checksum(data.get("checksum"))
    return SoftwareImage(
        id=owner,
        name=data.need("name").text(),
        version=data.need("version").text(),
        provider=data.optional_text("provider"),
        checksum_algorithm=algorithm,
        checksum_hash=digest,
        container_format=data.optional_text("container_format") or "bare",
        disk_format=data.optional_text("disk_format") or "qcow2",
        min_disk=_size(data, "min_disk"),
        min_ram=_size(data, "min_ram"),
        size=_size(data, "size"),
        path=path,
    )


def _size(data: Node, key: str) -> int:
    found = data.get(key)
    return scalars.size(found) if found is not None else 0


def _checksum(node: Node | None) -> tuple[str | None, str | None]:
    """Algorithm and hex digest from the structure, 'sha-256:...' or the bare digest."""
    if node is None:
        return None, None
    if node.is_mapping:
        return node.need("algorithm").text().lower(), node.need("hash").text().lower()
    prefix, colon, digest = node.text().lower().rpartition(":")
    return (prefix if colon else _BY_LENGTH.get(len(digest))), digest


_NOTHING = Node("", 0, "", {})
