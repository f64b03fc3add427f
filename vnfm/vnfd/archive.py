"""A ZIP opened with distrust: names vetted, sizes counted while inflating, nothing written to disk."""

from __future__ import annotations

import hashlib
import io
import stat
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from vnfm.vnfd import limits
from vnfm.vnfd.errors import PackageError

_ENCRYPTED = 0x1


@dataclass(frozen=True, slots=True)
class Files:
    """The files of a package by path: the contents of the small ones, the SHA-256 of all."""

    kept: Mapping[str, bytes]
    digests: Mapping[str, str]
    source: zipfile.ZipFile | None = field(default=None, repr=False)

    def __contains__(self, name: object) -> bool:
        return name in self.digests

    def names(self) -> list[str]:
        return sorted(self.digests)

    def read(self, name: str) -> bytes:
        """The content of a file that was small enough to keep."""
        if name not in self.digests:
            raise PackageError("file-missing", f"the package holds no file '{name}'", name)
        if name not in self.kept:
            raise PackageError("file-too-large", f"the file is larger than {limits.KEEP} bytes", name)
        return self.kept[name]

    def extract(self, name: str) -> bytes:
        """The content of a file of any permitted size."""
        if name in self.kept or self.source is None:
            return self.read(name)
        return b"".join(_inflate(self.source, self.source.getinfo(name)))

    def digest(self, name: str, algorithm: str) -> str:
        """Hex digest of any file, read again from the archive if it was not kept."""
        if algorithm == "sha256":
            return self.digests[name]
        summary = hashlib.new(algorithm)
        if name in self.kept:
            summary.update(self.kept[name])
        elif self.source is not None:
            for piece in _inflate(self.source, self.source.getinfo(name)):
                summary.update(piece)
        return summary.hexdigest()

    def content_hash(self) -> str:
        """Equal for equal files under equal names, however they were zipped."""
        summary = hashlib.sha256()
        for name in self.names():
            summary.update(f"{name}\0{self.digests[name]}\n".encode())
        return summary.hexdigest()


def single(name: str, data: bytes) -> Files:
    """One file as if it were a package."""
    return Files({name: data}, {name: hashlib.sha256(data).hexdigest()})


def unzip(data: bytes) -> Files:
    """All files of a ZIP, or PackageError saying what is wrong with it."""
    try:
        source = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as exc:
        raise PackageError("bad-zip", "the package is not a readable ZIP archive") from exc
    entries = source.infolist()
    if len(entries) > limits.MAX_ENTRIES:
        raise PackageError("too-many-files", f"the archive has more than {limits.MAX_ENTRIES} entries")
    seen: set[str] = set()
    for entry in entries:
        _vet(entry, seen)
    return _read(source, [entry for entry in entries if not entry.is_dir()])


def _vet(entry: zipfile.ZipInfo, seen: set[str]) -> None:
    """Refuse an entry for its name or kind, before a byte of it is read."""
    name = entry.orig_filename
    reason = _bad_name(name)
    if reason:
        raise PackageError("path-traversal", f"an entry's name {reason}", name)
    if name.rstrip("/") in seen:
        raise PackageError("duplicate-name", "the archive holds this name twice", name)
    seen.add(name.rstrip("/"))
    if entry.flag_bits & _ENCRYPTED:
        raise PackageError("encrypted", "the entry is encrypted", name)
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise PackageError("special-file", "the entry is a symbolic link or another special file", name)


def _bad_name(name: str) -> str | None:
    """Why a path must not be used, None if it is a clean relative path."""
    parts = name.rstrip("/").split("/")
    checks = {
        "is empty": not name.strip("/"),
        "contains a backslash or a control character": "\\" in name or any(ord(char) < 32 for char in name),
        "is absolute": name.startswith("/"),
        "names a drive": len(name) > 1 and name[1] == ":",
        "leaves the package or is not in its shortest form": any(part in ("", ".", "..") for part in parts),
    }
    return next((reason for reason, bad in checks.items() if bad), None)


def _read(source: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> Files:
    kept: dict[str, bytes] = {}
    digests: dict[str, str] = {}
    total = 0
    for entry in entries:
        summary = hashlib.sha256()
        start: list[bytes] = []
        length = 0
        for piece in _inflate(source, entry):
            summary.update(piece)
            length += len(piece)
            total += len(piece)
            if total > limits.MAX_TOTAL:
                raise PackageError(
                    "too-large", f"the files together exceed {limits.MAX_TOTAL} bytes", entry.filename
                )
            if length <= limits.KEEP:
                start.append(piece)
        digests[entry.filename] = summary.hexdigest()
        if length <= limits.KEEP:
            kept[entry.filename] = b"".join(start)
    return Files(kept, digests, source)


def _inflate(source: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """The content in pieces, stopping at the first byte too many."""
    length = 0
    try:
        with source.open(entry) as stream:
            while piece := stream.read(limits.CHUNK):
                length += len(piece)
                _judge(entry, length)
                yield piece
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as exc:
        raise PackageError(
            "bad-zip", "the entry cannot be read: damaged or unsupported", entry.filename
        ) from exc


def _judge(entry: zipfile.ZipInfo, length: int) -> None:
    if length > limits.MAX_ENTRY:
        raise PackageError("too-large", f"the file exceeds {limits.MAX_ENTRY} bytes", entry.filename)
    if length > limits.RATIO_FLOOR and length > limits.MAX_RATIO * max(entry.compress_size, 1):
        raise PackageError(
            "zip-bomb", f"the file inflates to more than {limits.MAX_RATIO} times its size", entry.filename
        )


def is_yaml(name: str) -> bool:
    """True for a file name that says YAML."""
    return PurePosixPath(name).suffix.lower() in (".yaml", ".yml")
