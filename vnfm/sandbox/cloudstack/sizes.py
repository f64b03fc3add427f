"""CPU and memory of a VM: from a fixed offering, or from details within an offering's bounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from vnfm.sandbox.cloudstack import model
from vnfm.sandbox.cloudstack.refusal import invalid

KEYS = ("cpuNumber", "cpuSpeed", "memory")
LARGEST = 2147483647


@dataclass(frozen=True)
class Size:
    cpunumber: int
    cpuspeed: int
    memory: int


def size_of(offering: model.ServiceOffering, details: Mapping[str, str]) -> Size:
    """Fixed offerings refuse size details, custom ones need them. The keys keep their case."""
    if not offering.customized:
        for key in KEYS:
            if key in details:
                raise invalid(f"{key} can't be specified for a fixed offering {offering.name}")
        return Size(offering.cpunumber or 0, offering.cpuspeed or 0, offering.memory or 0)
    if not details:
        raise invalid(
            "Need to specify custom parameter values cpu, cpu speed and memory when using custom offering"
        )
    cpu = read(details, "cpuNumber", "cpu cores", offering.bounds, "cpunumber")
    speed = offering.cpuspeed or read(details, "cpuSpeed", "cpu speed", {}, "cpuspeed")
    memory = read(details, "memory", "memory", offering.bounds, "memory")
    return Size(cpu, speed, memory)


def read(details: Mapping[str, str], key: str, told: str, bounds: Mapping[str, int], short: str) -> int:
    low, high = bounds.get(f"min{short}", 1), bounds.get(f"max{short}", LARGEST)
    text = details.get(key, "")
    if not text.isdigit() or not low <= int(text) <= high:
        raise invalid(f"Invalid {told} value, specify a value between {low} and {high}")
    return int(text)
