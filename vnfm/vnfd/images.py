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


#: The usual name of the artifact that is the image to deploy.
MAIN = "sw_image"


def read(template: Template, topology: Topology) -> tuple[SoftwareImage, ...]:
    """The images a VDU or storage carries: the one to deploy first, named sw_image or else the first written.

    Releases 3.3.1 to 3.5.1 allow both forms of that one at once: the artifact's own properties win, and the
    property fills their gaps. Further ones are artifacts with properties; their id is owner.artifact.
    """
    found = {name: artifact for name, artifact in artifacts(template) if is_image(artifact, topology)}
    stated = template.properties.get("sw_image_data") or _NOTHING
    main = MAIN if MAIN in found else next(iter(found), None)
    if main is None:
        return (_image(template.name, stated, None),) if stated.mapping() else ()
    further = [
        _of_artifact(f"{template.name}.{name}", artifact, _NOTHING, topology)
        for name, artifact in found.items()
        if name != main
    ]
    return _of_artifact(template.name, found[main], stated, topology), *further


def _of_artifact(owner: str, artifact: Node, stated: Node, topology: Topology) -> SoftwareImage:
    kind = artifact.need("type").text()
    values = topology.types.properties("artifact_types", kind, artifact.get("properties"), artifact)
    data = {**stated.mapping(), **{key: value for key, value in values.items() if not value.is_null}}
    if not data:
        raise artifact.fail(
            "image-without-data", "the software image has neither properties nor sw_image_data"
        )
    path = _path(artifact_file(artifact), topology)
    return _image(owner, Node(artifact.file, artifact.line, artifact.path, data), path)


def _path(file: Node, topology: Topology) -> str:
    return file.text() if "://" in file.text() else topology.path_of(file.text(), file)


def _image(owner: str, data: Node, path: str | None) -> SoftwareImage:
    algorithm, digest = _checksum(data.get("checksum"))
    environments = data.get("supported_virtualisation_environments")
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
        operating_system=data.optional_text("operating_system"),
        environments=environments.texts() if environments is not None else (),
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
