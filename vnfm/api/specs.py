"""Where the specifications lie, and which of them this gateway serves."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

from vnfm.api.bundle import Node, SpecError, bundle

#: Every API served, in the order of loading. common.yaml is bundled into them.
SERVED = (
    "sol003-vnflcm-v1.yaml",
    "sol003-vnflcm-v2.yaml",
    "sol002-vnflcm-v1.yaml",
    "sol002-vnflcm-v2.yaml",
    "gateway-auth-v1.yaml",
    "gateway-v1.yaml",
)


def directory() -> Path:
    """The folder ``api-specs``: beside the package in a checkout, under share/ when installed."""
    checkout = Path(__file__).parents[2] / "api-specs"
    for folder in (checkout, Path(sys.prefix) / "share" / "vnfm" / "api-specs"):
        if folder.is_dir():
            return folder
    raise SpecError("the folder api-specs was not installed with the package")


@cache
def load(name: str) -> Node:
    """One specification, bundled. It is shared: nobody may change it."""
    return bundle(directory() / name)


def load_all() -> dict[str, Node]:
    """All served specifications, bundled, by file name."""
    return {name: load(name) for name in SERVED}
