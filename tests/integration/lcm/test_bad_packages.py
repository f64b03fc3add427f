"""A malformed VNF package is refused with its reason, and leaves nothing behind."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest

from tests.integration.lcm.test_refused_requests import stored
from tests.stage import Stage
from vnfm.sandbox.packages.catalogue import pack, read_sample
from vnfm.vnfd.errors import PackageError

SAMPLE = "5f0d6c0e-6a0b-4f53-9d3e-0d2c7a4b1001"
BAD = "5f0d6c0e-6a0b-4f53-9d3e-0d2c7a4b10b1"
MAIN, TYPES = "Definitions/haproxy_lb.yaml", "Definitions/sandbox_types.yaml"
BOMB = "a: &a [1, 1]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{former}'] * 9)}]\n"
    for former, name in zip("abcdefgh", "bcdefghi", strict=True)
)

Files = dict[str, bytes]


def zipped(files: Files) -> bytes:
    """As they are, without any hash made anew."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return packed.getvalue()


def whole() -> Files:
    """A package that is right, but for what a case does to it."""
    files = read_sample("haproxy-lb")
    return {path: data.replace(SAMPLE.encode(), BAD.encode()) for path, data in files.items()}


def unpacked(content: bytes) -> Files:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def other(path: str, data: bytes) -> Callable[[], bytes]:
    """The package with one file of other content, vouched for."""
    return lambda: pack({**whole(), path: data})


def damaged() -> bytes:
    """A bit of a compressed file is another; the list of files is whole."""
    content = bytearray(zipped(unpacked(pack(whole()))))
    start = content.index(MAIN.encode()) + len(MAIN)
    content[start + 200] ^= 1
    return bytes(content)


def swapped() -> bytes:
    """A file that is not what the manifest vouches for."""
    files = unpacked(pack(whole()))
    return zipped({**files, MAIN: files[MAIN] + b"# \n"})


def without_entry() -> bytes:
    files = unpacked(pack(whole()))
    return zipped({name: data for name, data in files.items() if name != MAIN})


def cyclic() -> bytes:
    types = whole()[TYPES].replace(b"imports:\n", b"imports:\n  - haproxy_lb.yaml\n", 1)
    return pack({**whole(), TYPES: types})


@pytest.mark.parametrize(
    ("make", "rule"),
    [
        (damaged, "bad-zip"),
        (lambda: zipped({**unpacked(pack(whole())), "../../etc/passwd": b"x"}), "path-traversal"),
        (lambda: zipped({**unpacked(pack(whole())), "zeros.yaml": bytes(2**28)}), "zip-bomb"),
        (swapped, "hash-mismatch"),
        (without_entry, "entry-missing"),
        (other(MAIN, BOMB.encode()), "yaml-too-large"),
        (cyclic, "import-cycle"),
    ],
    ids=["damaged", "traversal", "zip bomb", "wrong hash", "no entry", "yaml bomb", "cycle"],
)
def test_it_is_refused_with_its_reason_and_leaves_nothing(
    stage: Stage, make: Callable[[], bytes], rule: str
) -> None:
    package = stage.nfvo.nfvo.packages.onboard(pack(whole()))
    package.content = make()
    before = {name: stored(stage, name) for name in ("instances", "vnfds", "operations", "secrets")}
    with pytest.raises(PackageError) as refused:
        stage.create(BAD)
    assert refused.value.rule == rule, refused.value.detail
    assert {name: stored(stage, name) for name in before} == before
