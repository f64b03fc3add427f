"""The reference pages say what the code says."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest

from tests.house.finding import ROOT
from vnfm.api import specs
from vnfm.settings import Settings

REFERENCE = ROOT / "docs" / "reference"
_OPERATION = re.compile(r"(GET|POST|PUT|PATCH|DELETE) /\S*")
_ROW = re.compile(r"^\| `(VNFM_[A-Z_]+)` \| ([^|]*) \|", re.MULTILINE)


def settings_page() -> dict[str, str]:
    """Variable → default as the page writes it, without the back-ticks."""
    text = (REFERENCE / "settings.md").read_text(encoding="utf-8")
    return {variable: default.strip().strip("`") for variable, default in _ROW.findall(text)}


def as_written(value: object) -> str:
    """A default as the page writes it: as one would set it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, frozenset):
        return ",".join(sorted(value)) or "empty"
    if isinstance(value, tuple):
        return ",".join(map(str, value)) or "empty"
    return str(value).removesuffix(".0") or "empty"


def test_the_page_has_every_setting_and_no_other() -> None:
    assert list(settings_page()) == [f"VNFM_{item.name.upper()}" for item in fields(Settings)]


@pytest.mark.parametrize("item", fields(Settings), ids=lambda item: item.name)
def test_the_page_has_the_right_default(item) -> None:
    assert settings_page()[f"VNFM_{item.name.upper()}"] == as_written(item.default)


def operations() -> list[str]:
    """``GET /vnflcm/v2/vnf_instances`` and so on, of every specification served."""
    return [
        f"{method.upper()} {spec['servers'][0]['url'].rstrip('/')}{path}"
        for spec in specs.load_all().values()
        for path, item in spec["paths"].items()
        for method in item
        if method in {"get", "post", "put", "patch", "delete"}
    ]


def stated() -> list[str]:
    """The operations on the conformance page: rows with a column per API, and rows with a whole path."""
    roots: list[str] = []
    found: list[str] = []
    for line in (REFERENCE / "conformance.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip().strip("`") for cell in line.strip("|").split("|")]
        if cells[0] == "operation":
            roots = [cell for cell in cells[1:] if cell.startswith("/")]
        if not _OPERATION.fullmatch(cells[0]):
            continue
        method, path = cells[0].split(" ")
        served = [root for root, cell in zip(roots, cells[1:], strict=False) if cell == "yes"]
        found += [f"{method} {root}{path}" for root in served] if roots else [cells[0]]
    return found


def test_the_conformance_statement_has_every_operation_and_no_other() -> None:
    assert sorted(stated()) == sorted(operations())
