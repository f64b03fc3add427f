"""The simulator's own commands, for root: faults of the hypervisor's agents."""

from __future__ import annotations

from vnfm.sandbox.cloudstack.jobs import Handlers
from vnfm.sandbox.cloudstack.refusal import Json, invalid
from vnfm.sandbox.cloudstack.request import Call


async def configure(call: Call) -> Json:
    """The real answer has the inner key `null`."""
    mock = call.world.simulator.set(call.given("name"), call.given("value"), call.number("count"))
    shown: Json = {"id": mock.id, "name": mock.name}
    if call.text("zoneid"):
        shown["zoneid"] = next(iter(call.world.zones)).serial
    if mock.count is not None:
        shown["count"] = mock.count
    return {"null": shown}


async def clean_up(call: Call) -> Json:
    if not call.world.simulator.remove(call.number("id") or 0):
        raise invalid(f"There is no mock {call.text('id')}")
    return {"success": True}


HANDLERS: Handlers = {"configureSimulator": configure, "cleanupSimulatorMock": clean_up}
