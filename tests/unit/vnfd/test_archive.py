"""Hostile and broken archives are refused for the right reason, before they cost anything."""

from __future__ import annotations

import hashlib
import io
import stat
import struct
import warnings
import zipfile

import pytest

from tests.unit.vnfd.build import BASE, csar, zipped
from vnfm.vnfd import PackageError, archive, limits, read_package


def refused(data: bytes) -> PackageError:
    with pytest.raises(PackageError) as caught:
        read_package(data)
    return caught.value


@pytest.mark.parametrize(
    "name",
    [
        "/etc/passwd",
        "../up.yaml",
        "a/../../up.yaml",
        "a/./b.yaml",
        "a//b.yaml",
        "..\\up.yaml",
        "C:/x.yaml",
        "c:x",
    ],
)
def test_names_that_leave_the_package_are_refused(name: str) -> None:
    error = refused(zipped({**csar({"vnfd.yaml": BASE}), name: "x"}))
    assert (error.rule, error.file) == ("path-traversal", name)


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_special_files_are_refused(kind: int) -> None:
    packed = io.BytesIO(zipped(csar({"vnfd.yaml": BASE})))
    with zipfile.ZipFile(packed, "a") as target:
        entry = zipfile.ZipInfo("link.yaml")
        entry.external_attr = (kind | 0o777) << 16
        target.writestr(entry, "/etc/passwd")
    error = refused(packed.getvalue())
    assert (error.rule, error.file) == ("special-file", "link.yaml")


def test_a_name_used_twice_is_refused() -> None:
    packed = io.BytesIO(zipped(csar({"vnfd.yaml": BASE})))
    with warnings.catch_warnings(), zipfile.ZipFile(packed, "a") as target:
        warnings.simplefilter("ignore", UserWarning)  # zipfile warns of just this
        target.writestr("vnfd.yaml", "other: content")
    assert refused(packed.getvalue()).rule == "duplicate-name"


def test_an_encrypted_entry_is_refused() -> None:
    data = bytearray(zipped({"vnfd.yaml": BASE}))
    central = data.index(b"PK\x01\x02")
    for offset in (6, central + 8):  # general purpose flags of the local and the central header
        (flags,) = struct.unpack_from("<H", data, offset)
        struct.pack_into("<H", data, offset, flags | 1)
    assert refused(bytes(data)).rule == "encrypted"


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"PK\x03\x04 this is no archive", "bad-zip"),
        (zipped({"vnfd.yaml": BASE})[:-30], "bad-zip"),
    ],
)
def test_what_is_no_zip_is_refused(data: bytes, rule: str) -> None:
    assert refused(data).rule == rule


def test_a_damaged_entry_is_refused() -> None:
    data = bytearray(zipped({"vnfd.yaml": BASE}))
    data[200] ^= 0xFF
    error = refused(bytes(data))
    assert (error.rule, error.file) == ("bad-zip", "vnfd.yaml")


def test_a_file_that_inflates_too_much_is_refused() -> None:
    error = refused(zipped({"vnfd.yaml": BASE, "bomb.bin": bytes(4 * limits.RATIO_FLOOR)}))
    assert (error.rule, error.file) == ("zip-bomb", "bomb.bin")


def test_a_forged_size_in_the_header_does_not_help_a_bomb() -> None:
    data = bytearray(zipped({"bomb.bin": bytes(4 * limits.RATIO_FLOOR)}))
    central = data.index(b"PK\x01\x02")
    struct.pack_into("<I", data, central + 24, 10)  # uncompressed size
    assert refused(bytes(data)).rule in ("zip-bomb", "bad-zip")


def test_limits_hold_while_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    package = zipped({f"{number}.txt": bytes(600) for number in range(4)})
    for name, value, rule in (
        ("MAX_ENTRIES", 3, "too-many-files"),
        ("MAX_ENTRY", 599, "too-large"),
        ("MAX_TOTAL", 2399, "too-large"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(limits, name, value)
            with pytest.raises(PackageError) as caught:
                archive.unzip(package)
            assert caught.value.rule == rule
    monkeypatch.setattr(limits, "MAX_ENTRIES", 4)
    monkeypatch.setattr(limits, "MAX_ENTRY", 600)
    monkeypatch.setattr(limits, "MAX_TOTAL", 2400)
    assert len(archive.unzip(package).names()) == 4


def test_large_files_are_hashed_but_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "KEEP", 1000)
    files = archive.unzip(zipped({"small": b"x", "image.qcow2": b"ab" * 5000}))
    assert set(files.kept) == {"small"}
    assert files.extract("image.qcow2") == b"ab" * 5000
    assert files.digest("image.qcow2", "sha512") == hashlib.sha512(b"ab" * 5000).hexdigest()
    with pytest.raises(PackageError, match="file-too-large"):
        files.read("image.qcow2")


def test_the_content_hash_ignores_how_the_files_were_zipped() -> None:
    files = csar({"vnfd.yaml": BASE})
    turned = dict(reversed(files.items()))
    assert read_package(zipped(files)).content_hash == read_package(zipped(turned)).content_hash
    other = csar({"vnfd.yaml": BASE, "note.txt": "more"})
    assert read_package(zipped(files)).content_hash != read_package(zipped(other)).content_hash
