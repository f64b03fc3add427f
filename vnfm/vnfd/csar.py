"""A VNF package (SOL004) or what GET .../vnfd returns: found out, verified, and its entry point named."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from vnfm.vnfd import archive, manifest
from vnfm.vnfd.archive import Files, is_yaml
from vnfm.vnfd.errors import PackageError
from vnfm.vnfd.manifest import Artifact, Manifest

META = "TOSCA-Metadata/TOSCA.meta"
_ZIP_MAGIC = b"PK"
#: How a single YAML file is named in messages when it came without a name.
SINGLE = "vnfd.yaml"
#: What may lie in a ZIP of VNFD files alone: such a ZIP carries no manifest (SOL003 §10.4.4.3.2).
_VNFD_ONLY = (".yaml", ".yml", ".meta", ".cert", ".cer", ".crt", ".pem", ".sig", ".cms")


@dataclass(frozen=True, slots=True)
class Csar:
    """``layout`` is tosca-metadata, root-template, vnfd-zip or vnfd-yaml."""

    files: Files
    layout: str
    entry: str
    other_definitions: tuple[str, ...]
    metadata: Mapping[str, str]
    artifacts: tuple[Artifact, ...]
    notes: tuple[str, ...] = ()


def open_package(data: bytes) -> Csar:
    """Open and verify a package held in memory."""
    if not data.startswith(_ZIP_MAGIC):
        return Csar(archive.single(SINGLE, data), "vnfd-yaml", SINGLE, (), {}, ())
    files = archive.unzip(data)
    inner = _signed_inner(files)
    if inner is not None:
        files = archive.unzip(files.extract(inner))
    return _with_meta(files) if META in files else _without_meta(files)


def _signed_inner(files: Files) -> str | None:
    """Path of the CSAR inside a ZIP that only adds a signature to it (SOL004 option 2)."""
    names = files.names()
    inner = [name for name in names if name.lower().endswith((".csar", ".zip"))]
    rest = [name for name in names if not name.lower().endswith((".csar", ".zip", ".cms", ".cert", ".crt"))]
    return inner[0] if len(inner) == 1 and not rest else None


def _with_meta(files: Files) -> Csar:
    blocks = _meta_blocks(files.read(META))
    head = blocks[0][1] if blocks else {}
    entry = head.get("entry-definitions")
    if not entry:
        raise PackageError("entry-missing", "Entry-Definitions is required", META, 1)
    others = tuple(name for name in head.get("other-definitions", "").replace(",", " ").split() if name)
    for name in (entry, *others):
        if name not in files:
            raise PackageError("entry-missing", f"the definitions file '{name}' is not in the package", META)
    _verify_blocks(blocks[1:], files)
    path = head.get("etsi-entry-manifest") or head.get("entry-manifest") or _beside(entry, files)
    return _join(files, "tosca-metadata", entry, others, path)


def _without_meta(files: Files) -> Csar:
    """The template in the root; among several, hints tell it from the files it imports."""
    roots = [name for name in files.names() if is_yaml(name) and "/" not in name]
    for hint in _HINTS:
        if len(roots) > 1:
            roots = [name for name in roots if hint(name, files)] or roots
    if len(roots) != 1:
        found = "none" if not roots else ", ".join(roots)
        raise PackageError(
            "entry-missing", f"without {META}, exactly one YAML template must be in the root; found: {found}"
        )
    return _join(files, "root-template", roots[0], (), _manifest_name(roots[0]))


#: What only the main template has, strongest first.
_HINTS: tuple[Callable[[str, Files], bool], ...] = (
    lambda name, files: _manifest_name(name) in files,
    lambda name, files: b"\ntopology_template:" in files.read(name),
    lambda name, files: b"template_name:" in files.read(name),
)


def _join(files: Files, layout: str, entry: str, others: tuple[str, ...], path: str | None) -> Csar:
    if path is None or path not in files:
        if all(name.lower().endswith(_VNFD_ONLY) for name in files.names()):
            return Csar(files, "vnfd-zip", entry, others, {}, ())
        raise PackageError(
            "manifest-missing", f"the package has no manifest (expected {path or entry + '.mf'})", path
        )
    listed = manifest.parse(path, files.read(path))
    manifest.verify(listed, files)
    return Csar(files, layout, entry, others, listed.metadata, listed.artifacts, _notes(listed))


def _notes(listed: Manifest) -> tuple[str, ...]:
    return ("the manifest's signature was not verified",) if listed.signed else ()


def _manifest_name(template: str) -> str:
    return template.rpartition(".")[0] + ".mf"


def _beside(entry: str, files: Files) -> str | None:
    """The manifest where TOSCA.meta names none: the only .mf of the package, or the entry's namesake."""
    found = [name for name in files.names() if name.endswith(".mf")]
    return found[0] if len(found) == 1 else _manifest_name(entry)


def _meta_blocks(data: bytes) -> list[tuple[int, dict[str, str]]]:
    """TOSCA.meta as blocks of lower-case keys, each with its first line; continuations begin blank."""
    blocks: list[tuple[int, dict[str, str]]] = []
    fresh = True
    last = ""
    for number, text in enumerate(_decoded(data), start=1):
        if not text.strip():
            fresh = True
            continue
        if text[0] in " \t" and last and not fresh:
            blocks[-1][1][last] += " " + text.strip()
            continue
        key, colon, value = text.partition(":")
        if not colon:
            raise PackageError(
                "meta-syntax", f"'{text.strip()[:60]}' is not of the form 'Name: value'", META, number
            )
        if fresh:
            blocks.append((number, {}))
        fresh, last = False, key.strip().lower()
        blocks[-1][1][last] = value.strip().strip("\"'")
    return _gather(blocks)


def _decoded(data: bytes) -> list[str]:
    try:
        return data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as exc:
        raise PackageError("not-utf8", "the file is not UTF-8 text", META) from exc


def _gather(blocks: list[tuple[int, dict[str, str]]]) -> list[tuple[int, dict[str, str]]]:
    """Blocks that name no file belong to the first one: some tools separate its lines with blank ones."""
    head: dict[str, str] = {}
    named = []
    for line, block in blocks:
        if "name" in block or "source" in block:
            named.append((line, block))
        else:
            head.update(block)
    return [(1, head), *named]


def _verify_blocks(blocks: list[tuple[int, dict[str, str]]], files: Files) -> None:
    """Files described in TOSCA.meta itself must exist and have the hash given there."""
    for line, block in blocks:
        name = block.get("name") or block["source"]
        if "://" in name:
            continue
        if name not in files:
            raise PackageError("file-missing", f"'{name}' is described but not in the package", META, line)
        if "hash" in block:
            manifest.check(files, name, block.get("algorithm", ""), block["hash"], META, line)
