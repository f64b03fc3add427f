"""The manifest of a package (SOL004 §4.3.2): metadata, a block per file with its hash, sets of other files.

Written by many tools in many ways, so reading is tolerant of indentation, key case and order; the check of
hashes is not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from vnfm.vnfd.archive import Files, is_yaml
from vnfm.vnfd.errors import PackageError

#: Hash names as seen in the field, without hyphens and in lower case, to hashlib's.
ALGORITHMS = {"sha224": "sha224", "sha256": "sha256", "sha384": "sha384", "sha512": "sha512"}
_CMS_BEGIN = "-----BEGIN "


@dataclass(frozen=True, slots=True)
class Artifact:
    """One file the manifest lists; ``path`` may be a URL for a file kept elsewhere."""

    path: str
    algorithm: str | None = None
    hash: str | None = None
    non_mano_set: str | None = None

    @property
    def is_external(self) -> bool:
        return "://" in self.path


@dataclass(frozen=True, slots=True)
class Manifest:
    """``lines`` says where each artifact was listed, ``signed`` whether a CMS block closes the file."""

    path: str
    metadata: Mapping[str, str]
    artifacts: tuple[Artifact, ...]
    lines: Mapping[str, int]
    signed: bool


class _Reader:
    """Line by line state of one manifest."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.section = ""
        self.set_id: str | None = None
        self.metadata: dict[str, str] = {}
        self.entries: list[dict[str, str]] = []
        self.lines: dict[str, int] = {}

    def take(self, number: int, text: str) -> None:
        key, colon, value = text.strip().lstrip("- ").partition(":")
        if not colon:
            raise PackageError(
                "manifest-syntax", f"'{text.strip()[:60]}' is not of the form 'key: value'", self.path, number
            )
        key, value = key.strip(), value.strip()
        if key.lower() in ("metadata", "non_mano_artifact_sets") and not value:
            self.section, self.set_id = key.lower(), None
        elif key.lower() == "source":
            self._source(number, value)
        elif key.lower() in ("algorithm", "hash", "signature", "certificate") and self.entries:
            self._detail(number, key.lower(), value)
        else:
            self._other(key, value)

    def _source(self, number: int, value: str) -> None:
        if self.section == "metadata":
            self.section = "files"
        value = value.removeprefix("./")
        if value in self.lines:
            raise PackageError("manifest-duplicate", f"'{value}' is listed twice", self.path, number)
        self.lines[value] = number
        self.entries.append({"source": value, "set": self.set_id or ""})

    def _detail(self, number: int, key: str, value: str) -> None:
        if key in self.entries[-1]:
            raise PackageError("manifest-syntax", f"two {key} lines for one source", self.path, number)
        self.entries[-1][key] = value

    def _other(self, key: str, value: str) -> None:
        if self.section == "non_mano_artifact_sets" and not value:
            self.set_id = key
        elif self.section == "metadata":
            self.metadata[key] = value.strip("\"'")


def parse(path: str, data: bytes) -> Manifest:
    """Read a manifest; PackageError names its line."""
    try:
        lines = data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as exc:
        raise PackageError("not-utf8", "the manifest is not UTF-8 text", path) from exc
    reader = _Reader(path)
    signed = False
    for number, text in enumerate(lines, start=1):
        if text.startswith(_CMS_BEGIN):
            signed = True
            break
        if text.strip() and not text.lstrip().startswith("#"):
            reader.take(number, text)
    artifacts = tuple(
        Artifact(entry["source"], entry.get("algorithm"), entry.get("hash"), entry["set"] or None)
        for entry in reader.entries
    )
    return Manifest(path, reader.metadata, artifacts, reader.lines, signed)


def verify(manifest: Manifest, files: Files) -> None:
    """Refuse the package if a listed file is absent or differs, or a definition escaped the list."""
    for artifact in manifest.artifacts:
        if not artifact.is_external:
            _verify_one(manifest, artifact, files)
    if not any(artifact.hash for artifact in manifest.artifacts):
        return
    for name in files.names():
        if is_yaml(name) and name not in manifest.lines:
            raise PackageError(
                "unlisted-file",
                f"the manifest {manifest.path} vouches for its files, but not for this definition",
                name,
            )


def _verify_one(manifest: Manifest, artifact: Artifact, files: Files) -> None:
    line = manifest.lines[artifact.path]
    if artifact.path not in files:
        raise PackageError(
            "file-missing", f"'{artifact.path}' is listed but not in the package", manifest.path, line
        )
    if artifact.hash is None and artifact.algorithm is None:
        return
    if artifact.hash is None or artifact.algorithm is None:
        raise PackageError(
            "manifest-syntax", f"'{artifact.path}' needs both Algorithm and Hash", manifest.path, line
        )
    check(files, artifact.path, artifact.algorithm, artifact.hash, manifest.path, line)


def check(files: Files, path: str, algorithm: str, expected: str, where: str, line: int | None) -> None:
    """Compare one digest; ``where`` and ``line`` are the place that stated it."""
    known = ALGORITHMS.get(algorithm.lower().replace("-", ""))
    if known is None:
        raise PackageError(
            "hash-algorithm",
            f"'{algorithm}' for '{path}' is not one of SHA-224, SHA-256, SHA-384, SHA-512",
            where,
            line,
        )
    if files.digest(path, known) != expected.lower():
        raise PackageError(
            "hash-mismatch", f"'{path}' does not have the {algorithm} hash stated for it", where, line
        )
