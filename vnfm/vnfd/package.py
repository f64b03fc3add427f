"""The door of this room: bytes of a VNF package in, everything the VNFM wants to know about it out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from vnfm.domain.vnfd import Vnfd
from vnfm.vnfd import csar, descriptor, imports
from vnfm.vnfd.manifest import Artifact


@dataclass(frozen=True, slots=True)
class Package:
    """``content_hash`` is SHA-256 over names and contents, equal for equal packages however they were zipped.

    ``notes`` are sentences for the operator on what the package asks for and this VNFM does not do.
    """

    vnfd: Vnfd
    layout: str
    metadata: Mapping[str, str]
    artifacts: tuple[Artifact, ...]
    content_hash: str
    notes: tuple[str, ...] = ()


def read_package(data: bytes) -> Package:
    """Read a CSAR, a ZIP of VNFD files or a single VNFD file; PackageError says why it is refused."""
    opened = csar.open_package(data)
    definitions = imports.load(opened.files, opened.entry, opened.other_definitions)
    vnfd, notes = descriptor.read(definitions, opened.files)
    return Package(
        vnfd,
        opened.layout,
        opened.metadata,
        opened.artifacts,
        opened.files.content_hash(),
        (*opened.notes, *notes),
    )
