"""What a VNFC is told at first boot: boot_data in its three shapes, or a cloud-init artifact of the VDU."""

from __future__ import annotations

import json

from vnfm.vnfd import images
from vnfm.vnfd.archive import Files
from vnfm.vnfd.errors import PackageError
from vnfm.vnfd.node import Node
from vnfm.vnfd.topology import Template, Topology

#: Artifact names that mean first-boot data. SOL001 names none; these are what packages use.
ARTIFACT_NAMES = ("cloud_init", "cloud-init", "user_data", "user-data", "boot_data")


def read(vdu: Template, topology: Topology, files: Files) -> str | None:
    """The user data of a VDU, None if it has none."""
    data = vdu.properties.get("boot_data")
    if data is not None and not data.is_null:
        return _boot_data(data, topology, files)
    for name, artifact in images.artifacts(vdu):
        if name.lower() in ARTIFACT_NAMES and not images.is_image(artifact, topology):
            return _file(images.artifact_file(artifact), topology, files)
    return None


def _boot_data(data: Node, topology: Topology, files: Files) -> str | None:
    """Up to 2.6.1 a text; from 2.7.1 a structure (SOL001 6.2.58)."""
    if not data.is_mapping:
        return data.text()
    described = data.get("content_or_file_data")
    if described is not None:
        return _content(described, topology, files)
    pairs = data.get("kvp_data")
    if pairs is not None:
        return _pairs(pairs.get("data") or pairs)
    if data.get("vim_specific_properties") is not None:
        raise data.fail(
            "boot-data", "boot data only for a specific VIM is not supported; give content_or_file_data"
        )
    return None


def _content(described: Node, topology: Topology, files: Files) -> str:
    content, source = described.get("content"), described.get("source_path")
    if content is not None and source is not None:
        raise described.fail("boot-data", "content and source_path exclude each other")
    if content is not None:
        text = content.text()
    elif source is not None:
        text = _file(source, topology, files)
    else:
        return _pairs(described.need("data"))
    destination = described.get("destination_path")
    return text if destination is None else _written_to(destination.text(), text)


def _written_to(path: str, content: str) -> str:
    """Content meant for a file in the guest, by way of cloud-init (JSON is YAML without quoting traps)."""
    return "#cloud-config\n" + json.dumps({"write_files": [{"path": path, "content": content}]}) + "\n"


def _pairs(data: Node) -> str:
    """Key-value data has no standard rendering; one key=value a line is what shells read as well."""
    return "".join(f"{key}={value}\n" for key, value in data.text_map().items())


def _file(file: Node, topology: Topology, files: Files) -> str:
    """A text file of the package, relative to the template that names it or to the root."""
    name = file.text()
    if "://" in name:
        raise file.fail("boot-data", f"'{name}' is outside the package")
    near = topology.path_of(name, file)
    path = near if near in files else name
    try:
        return files.read(path).decode("utf-8")
    except PackageError as exc:
        raise file.fail("file-missing", f"the package holds no readable file '{name}'") from exc
    except UnicodeDecodeError as exc:
        raise file.fail("not-utf8", f"'{name}' is not UTF-8 text") from exc
