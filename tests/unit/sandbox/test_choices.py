"""What the demo decides as orchestrator."""

from collections.abc import Mapping
from typing import Any

import pytest

from vnfm.domain.vnfd import ConnectionPoint, Flavour, InstantiationLevel, SoftwareImage, Vdu
from vnfm.errors import Permanent
from vnfm.sandbox import choices

IMAGE = SoftwareImage(id="web", name="nginx", version="1.2")


def vdu(name: str, *cps: str, cpus: int = 1, memory: int = 512 * 1024**2) -> Vdu:
    """A VDU with these CPs in order; ``lan`` is on an internal link, all others are open."""
    points = tuple(
        ConnectionPoint(
            id=cp, vdu=name, order=order, virtual_link="lan" if cp == "lan" else None, external_cpd=cp
        )
        for order, cp in enumerate(cps)
    )
    return Vdu(name, name, "", cpus, memory, IMAGE, points)


def flavour(*vdus: Vdu, default: str | None = None) -> Flavour:
    levels = {name: InstantiationLevel(name, "", {}, {}) for name in ("big", "small")}
    return Flavour("f", "", {item.id: item for item in vdus}, {}, {}, {}, levels, default)


@pytest.mark.parametrize(
    ("vdus", "expected"),
    [
        ([vdu("a", "x")], {"x": 0}),
        ([vdu("a", "x", "y")], {"x": 0, "y": 1}),
        ([vdu("a", "x", "y"), vdu("b", "z")], {"x": 0, "y": 1, "z": 0}),
        ([vdu("a", "lan", "y"), vdu("b", "lan")], {"y": 0}),
        ([], {}),
    ],
)
def test_connection_points_of_one_vdu_share_no_network(vdus: list[Vdu], expected: Mapping[str, int]) -> None:
    assert choices.share_networks(flavour(*vdus)) == expected


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        (["n"], {"x": "n", "y": "n"}),
        (["x=n", "y=m"], {"x": "n", "y": "m"}),
        (["n", "y=m"], {"x": "n", "y": "m"}),
        (["y=m", "n"], {"x": "n", "y": "m"}),
    ],
)
def test_named_networks(named: list[str], expected: Mapping[str, str]) -> None:
    assert choices.named_networks(flavour(vdu("a", "x", "y")), named) == expected


@pytest.mark.parametrize(("named", "words"), [(["x=n"], "for y"), (["z=n", "m"], "no external CP z")])
def test_named_networks_that_do_not_fit(named: list[str], words: str) -> None:
    with pytest.raises(Permanent, match=words):
        choices.named_networks(flavour(vdu("a", "x", "y")), named)


def test_external_links_gather_connection_points_by_network() -> None:
    links = choices.external_links({"x": "n1", "y": "n2", "z": "n1"})
    assert [(link["resourceId"], [cp["cpdId"] for cp in link["extCps"]]) for link in links] == [
        ("n1", ["x", "z"]),
        ("n2", ["y"]),
    ]


@pytest.mark.parametrize(
    ("wanted", "default", "expected"),
    [(None, "small", "small"), ("big", "small", "big"), (None, None, "big")],
)
def test_levels(wanted: str | None, default: str | None, expected: str) -> None:
    assert choices.pick_level(flavour(default=default), wanted) == expected


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(Permanent, match="big, small"):
        choices.pick_level(flavour(), "huge")


SMALL = {"id": "o1", "name": "Small", "cpunumber": 1, "memory": 512}
MEDIUM = {"id": "o2", "name": "Medium", "cpunumber": 1, "memory": 1024}
CENTOS = {"id": "t1", "name": "CentOS"}
NGINX = {"id": "t2", "name": "nginx-1.2"}


class StillCloud:
    """A cloud that only has lists to show."""

    def __init__(self, offerings: list[dict[str, Any]], templates: list[dict[str, Any]]) -> None:
        self._offerings = offerings
        self._templates = templates

    def offerings(self) -> list[dict[str, Any]]:
        return self._offerings

    def templates(self) -> list[dict[str, Any]]:
        return self._templates

    def find(self, rows: list[dict[str, Any]], wanted: str, what: str) -> dict[str, Any]:
        return next(row for row in rows if wanted in (row["id"], row["name"]))


@pytest.mark.parametrize(
    ("machine", "templates", "offering", "template", "flavours", "images", "remarks"),
    [
        (vdu("web"), [NGINX, CENTOS], None, None, {}, {}, 0),
        (vdu("web"), [CENTOS], None, None, {}, {"web": "t1"}, 1),
        (vdu("web"), [NGINX, CENTOS], "Medium", "CentOS", {"*": "o2"}, {"*": "t1"}, 0),
        (vdu("web", cpus=8), [NGINX], None, None, {"web": "o2"}, {}, 1),
    ],
)
def test_assets(
    machine: Vdu,
    templates: list[dict[str, Any]],
    offering: str | None,
    template: str | None,
    flavours: Mapping[str, str],
    images: Mapping[str, str],
    remarks: int,
) -> None:
    cloud: Any = StillCloud([SMALL, MEDIUM], templates)
    assets = choices.choose_assets(cloud, flavour(machine), offering, template)
    assert (assets.flavours, assets.images, len(assets.remarks)) == (flavours, images, remarks)


def test_several_templates_that_do_not_fit_are_the_users_choice() -> None:
    cloud: Any = StillCloud([SMALL], [CENTOS, {"id": "t3", "name": "Debian"}])
    with pytest.raises(Permanent, match="--template, from: CentOS, Debian"):
        choices.choose_assets(cloud, flavour(vdu("web")), None, None)
