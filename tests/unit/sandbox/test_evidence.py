"""What the demo accepts as proof, and what it calls a failure."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from vnfm.errors import Permanent
from vnfm.sandbox import evidence
from vnfm.sandbox.cloud import Leftover, Place

VNFC = {"id": "c1", "vduId": "web", "computeResource": {"resourceId": "s1"}}
INSTANCE: dict[str, Any] = {
    "instantiationState": "INSTANTIATED",
    "instantiatedVnfInfo": {"vnfcResourceInfo": [VNFC]},
}
NIC = {"networkname": "n", "ipaddress": "10.0.0.5"}
ROW = {"id": "s1", "name": "web-0", "state": "Running", "nic": [NIC]}
VM = Leftover("VM", "s1", "demo-web", "Running")
DESTROYED = Leftover("VM", "s1", "demo-web", "Destroyed")
NETWORK = Leftover("network", "n1", "demo-lan", "Allocated")


class StillCloud:
    """A cloud that shows one VM and these leftovers."""

    def __init__(
        self, row: dict[str, Any] | None = None, left: Sequence[Leftover] = (), *, may_expunge: bool = True
    ) -> None:
        self._row = row
        self._left = left
        self.place = Place("z", "zone", None, may_expunge, "4.22")

    def virtual_machine(self, server_id: str) -> dict[str, Any] | None:
        return self._row

    def network_exists(self, network_id: str) -> bool:
        return False

    def remove_networks(
        self, ids: Sequence[str], patience: float, tell: Callable[[str], None]
    ) -> dict[str, str]:
        return dict.fromkeys(ids, "in use")

    def leftovers(self, word: str) -> Sequence[Leftover]:
        return self._left


def deployed(cloud: StillCloud, instance: dict[str, Any]) -> list[str]:
    said: list[str] = []
    any_cloud: Any = cloud
    evidence.show_deployed(any_cloud, instance, said.append)
    return said


def left(cloud: StillCloud) -> list[str]:
    said: list[str] = []
    any_cloud: Any = cloud
    evidence.show_left(any_cloud, "demo", ["n1"], 0, said.append)
    return said


def test_a_running_vm_is_shown_with_its_addresses() -> None:
    assert "10.0.0.5" in "\n".join(deployed(StillCloud(ROW), INSTANCE))


@pytest.mark.parametrize(
    ("row", "instance"),
    [
        (None, INSTANCE),
        ({**ROW, "state": "Error"}, INSTANCE),
        (ROW, {**INSTANCE, "instantiationState": "NOT_INSTANTIATED"}),
        (ROW, {**INSTANCE, "instantiatedVnfInfo": {}}),
        (
            ROW,
            {
                **INSTANCE,
                "instantiatedVnfInfo": {
                    "vnfcResourceInfo": [VNFC],
                    "vnfVirtualLinkResourceInfo": [
                        {"vnfVirtualLinkDescId": "lan", "networkResource": {"resourceId": "n9"}}
                    ],
                },
            },
        ),
    ],
)
def test_what_cloudstack_does_not_confirm_is_a_failure(
    row: dict[str, Any] | None, instance: dict[str, Any]
) -> None:
    with pytest.raises(Permanent):
        deployed(StillCloud(row), instance)


@pytest.mark.parametrize(
    ("things", "may_expunge", "words"),
    [
        ([], True, "nothing of this VNF"),
        ([DESTROYED], True, "left: VM"),
        ([NETWORK], False, "in use"),
        ([DESTROYED, NETWORK], False, "may not expunge"),
    ],
)
def test_what_may_be_left(things: list[Leftover], may_expunge: bool, words: str) -> None:
    assert words in "\n".join(left(StillCloud(left=things, may_expunge=may_expunge)))


@pytest.mark.parametrize(("things", "may_expunge"), [([VM], True), ([VM], False), ([NETWORK], True)])
def test_what_may_not_be_left(things: list[Leftover], may_expunge: bool) -> None:
    with pytest.raises(Permanent, match="still in CloudStack"):
        left(StillCloud(left=things, may_expunge=may_expunge))
