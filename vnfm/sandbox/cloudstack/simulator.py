"""Mocks of the simulator hypervisor: what root told its agents to do wrong, and which jobs it strikes."""

from __future__ import annotations

from dataclasses import dataclass, field

# which command sends which order to an agent
ORDERS = {
    "deployVirtualMachine": "StartCommand",
    "deployVnfAppliance": "StartCommand",
    "startVirtualMachine": "StartCommand",
    "stopVirtualMachine": "StopCommand",
    "rebootVirtualMachine": "RebootCommand",
    "createVMSnapshot": "CreateVMSnapshotCommand",
    "revertToVMSnapshot": "RevertToVMSnapshotCommand",
    "deleteVMSnapshot": "DeleteVMSnapshotCommand",
    "addNicToVirtualMachine": "PlugNicCommand",
    "removeNicFromVirtualMachine": "UnPlugNicCommand",
    "attachVolume": "AttachCommand",
    "scaleVirtualMachine": "ScaleVmCommand",
}
# an order that is sent only to a VM in this state
SENT_IN = {
    "StartCommand": "Starting",
    "StopCommand": "Stopping",
    "RebootCommand": "Running",
    "PlugNicCommand": "Running",
    "UnPlugNicCommand": "Running",
    "AttachCommand": "Running",
    "ScaleVmCommand": "Running",
}


@dataclass
class Mock:
    """`left` None acts for ever."""

    id: int
    name: str
    fails: bool
    wait: float
    count: int | None
    left: int | None

    def spend(self, tries: int) -> bool:
        """Whether it acts on all of so many tries; it is used up by each."""
        if self.left is None:
            return True
        enough = self.left >= tries
        self.left -= min(self.left, tries)
        return enough


@dataclass
class Simulator:
    mocks: dict[str, Mock] = field(default_factory=dict)  # the last one set for an order
    last: int = 0

    def set(self, name: str, value: str, count: int | None) -> Mock:
        """`value` is `key:value|key:value`: `wait` in milliseconds, `result` fail or fault."""
        pairs = dict(part.split(":", 1) for part in value.split("|") if ":" in part)
        self.last += 1
        wait = float(pairs.get("wait", 0)) / 1000
        mock = Mock(self.last, name, pairs.get("result") in ("fail", "fault"), wait, count, count)
        self.mocks[name] = mock
        return mock

    def remove(self, number: int) -> bool:
        found = [name for name, mock in self.mocks.items() if mock.id == number]
        for name in found:
            del self.mocks[name]
        return bool(found)

    def meet(self, command: str, state: str | None, hosts: int) -> Mock | None:
        """The mock that strikes the job of a command. A start is tried on one host after the other."""
        name = ORDERS.get(command, "")
        mock = self.mocks.get(name)
        if mock is None or mock.left == 0 or state != SENT_IN.get(name, state):
            return None
        tries = hosts if name == "StartCommand" and mock.fails else 1
        return mock if mock.spend(tries) else None
