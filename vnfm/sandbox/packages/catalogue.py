"""The sample VNF packages: kept as source folders, zipped when asked for.

A folder holds everything but the hashes: its manifest lists ``Source`` lines only, and building writes the
``Algorithm`` and ``Hash`` lines below each. The same folder gives the same bytes every time.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

_ROOT = Path(__file__).resolve().parent
#: ZIP cannot say "no time"; this is the earliest it can say.
_TIME = (1980, 1, 1, 0, 0, 0)
_MODE = 0o100644 << 16


def list_samples() -> list[str]:
    """Names of all samples."""
    return sorted(path.name for path in _ROOT.iterdir() if any(path.glob("**/*.mf")))


def build_sample(name: str) -> bytes:
    """The package as a ZIP; KeyError for an unknown name."""
    return pack(read_sample(name))


def read_sample(name: str) -> dict[str, bytes]:
    """Its files by their path in the package; KeyError for an unknown name."""
    if name not in list_samples():
        raise KeyError(name)
    folder = _ROOT / name
    sources = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sources}


def pack(files: Mapping[str, bytes]) -> bytes:
    """A package of files; its manifest gets the hashes."""
    packed = dict(files)
    for path in [path for path in files if path.endswith(".mf")]:
        packed[path] = _with_hashes(files[path].decode(), packed).encode()
    return _zip(packed)


def _with_hashes(manifest: str, files: dict[str, bytes]) -> str:
    lines: list[str] = []
    for line in manifest.splitlines():
        lines.append(line)
        key, _, source = line.strip().partition(":")
        if key == "Source":
            lines += ["Algorithm: SHA-256", f"Hash: {hashlib.sha256(files[source.strip()]).hexdigest()}"]
    return "\n".join(lines) + "\n"


def _zip(files: dict[str, bytes]) -> bytes:
    """TOSCA.meta first, as SOL004 readers expect it near the start; the rest by name."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files, key=lambda name: (not name.startswith("TOSCA-Metadata/"), name)):
            entry = zipfile.ZipInfo(name, _TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = _MODE
            archive.writestr(entry, files[name])
    return packed.getvalue()
