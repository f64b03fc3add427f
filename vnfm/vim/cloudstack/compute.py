"""Chooses the service offering for a VDU.

The rule, first match wins (docs/reference/vim-connection.md): the grant's asset · the connection's map by
VDU · a fixed offering of exactly the size · a custom offering that takes exactly the size · the smallest
fixed offering that is large enough. Ties go to fewer CPUs, less memory, lower speed, then name and id.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vnfm.errors import Permanent
from vnfm.vim.cloudstack import images, storage
from vnfm.vim.cloudstack.client import Row, number
from vnfm.vim.cloudstack.scope import Site, candidates, pick
from vnfm.vim.port import ComputeChoice, ComputeNeed

MIB = 1024**2
GIB = 1024**3
#: MHz asked of a custom offering that leaves the speed open, where the connection does not say.
CPU_SPEED = 1000


@dataclass(frozen=True, slots=True)
class Size:
    """A demand in CloudStack's units; ``root_disk`` in GiB."""

    cpus: int
    memory: int
    root_disk: int | None = None


def choose(site: Site, need: ComputeNeed) -> ComputeChoice:
    """Offering and template for ``need``."""
    size = Size(need.cpus, _up(need.memory, MIB), _up(need.root_disk, GIB) if need.root_disk else None)
    rows = offerings(site)
    wanted = need.flavour_asset or site.settings.service_offerings.get(need.vdu)
    if wanted:
        offering = pick(wanted, rows, "service offering")
    else:
        tagged = [row for row in rows if set(need.storage_tags) <= storage.tags(row.get("storagetags"))]
        if rows and not tagged:
            wanted = ", ".join(need.storage_tags)
            raise Permanent(f"No service offering for VDU '{need.vdu}' is of storage tagged {wanted}")
        offering = best(tagged, size, need.vdu)
    image = images.find(site, need)
    told = details(offering, size, site.settings.cpu_speed)
    return ComputeChoice(
        flavour_id=str(offering["id"]),
        flavour_name=str(offering.get("name", "")),
        image_id=str(image["id"]),
        image_name=str(image.get("name", "")),
        details=told,
        required_nics=images.required_nics(site, image),
        cpus=number(told.get("cpuNumber"), _cpus(offering)),
        memory=number(told.get("memory"), _memory(offering)) * MIB,
        root_disk=_root_disk(offering, image, size),
    )


def offerings(site: Site) -> Sequence[Row]:
    """Offerings this user may deploy with in the zone."""
    place = site.place()

    def load() -> Sequence[Row]:
        rows = site.client.rows(
            "listServiceOfferings", "serviceoffering", zoneid=place.zone_id, projectid=place.project_id
        )
        return [row for row in rows if row.get("state", "Active") == "Active" and not row.get("issystem")]

    return site.cache.get("service offerings", load)


def best(rows: Sequence[Row], size: Size, vdu: str = "") -> Row:
    """The offering that fits ``size``, by the rule above."""
    plain = [row for row in rows if not _special(row, size)]
    fixed = sorted((row for row in plain if _fixed(row) and _holds(row, size)), key=_rank)
    exact = [row for row in fixed if (_cpus(row), _memory(row)) == (size.cpus, size.memory)]
    custom = sorted((row for row in plain if not _fixed(row) and _admits(row, size)), key=_openness)
    for found in (exact, custom, fixed):
        if found:
            return found[0]
    raise Permanent(
        f"No service offering holds {size.cpus} CPU and {size.memory} MiB for VDU '{vdu}'; "
        + candidates([{"name": _label(row)} for row in plain])
    )


def details(offering: Row, size: Size, speed: int | None = None) -> Mapping[str, str]:
    """What a custom offering must be told; a fixed one refuses any of it."""
    if _fixed(offering):
        return {}
    if not _admits(offering, size):
        raise Permanent(
            f"The service offering {_label(offering)} does not admit {size.cpus} CPU and {size.memory} MiB"
        )
    told: dict[str, str] = {}
    if offering.get("cpunumber") is None:
        told["cpuNumber"] = str(size.cpus)
    if offering.get("cpuspeed") is None:
        told["cpuSpeed"] = str(speed or CPU_SPEED)
    if offering.get("memory") is None:
        told["memory"] = str(size.memory)
    return told


def _root_disk(offering: Row, image: Row, size: Size) -> int:
    """Bytes of the root disk: as demanded, as the offering fixes it, or as large as the template."""
    gib = size.root_disk or number(offering.get("rootdisksize"), 0)
    return gib * GIB if gib else number(image.get("size"), 0)


def _up(amount: int, unit: int) -> int:
    return -(-amount // unit)


def _fixed(row: Row) -> bool:
    return row.get("iscustomized") is not True


def _cpus(row: Row) -> int:
    return number(row.get("cpunumber"), 0)


def _memory(row: Row) -> int:
    return number(row.get("memory"), 0)


def _holds(row: Row, size: Size) -> bool:
    return _cpus(row) >= size.cpus and _memory(row) >= size.memory


def _admits(row: Row, size: Size) -> bool:
    """A custom offering's ranges hold the size; what it fixes itself must be large enough."""
    limits = row.get("serviceofferingdetails") or {}
    for name, amount in (("cpunumber", size.cpus), ("memory", size.memory)):
        if row.get(name) is not None:
            if number(row[name], 0) < amount:
                return False
        elif not number(limits.get(f"min{name}"), 0) <= amount <= number(limits.get(f"max{name}"), amount):
            return False
    return True


def _special(row: Row, size: Size) -> bool:
    """Never taken unasked: with a GPU, re-imaged at every reboot, or with a root disk of another size."""
    gpu = row.get("gpucardid") or row.get("vgpuprofileid") or number(row.get("gpucount"), 0) > 0
    strict = row.get("diskofferingstrictness") is True and size.root_disk is not None
    return bool(gpu or row.get("isvolatile") or (strict and row.get("rootdisksize") != size.root_disk))


def _rank(row: Row) -> tuple[int, int, int, str, str]:
    speed = number(row.get("cpuspeed"), 0)
    return _cpus(row), _memory(row), speed, str(row.get("name", "")), str(row.get("id"))


def _openness(row: Row) -> tuple[int, tuple[int, int, int, str, str]]:
    """Constrained offerings before those that leave even the speed open."""
    return int(row.get("cpuspeed") is None), _rank(row)


def _label(row: Row) -> str:
    name = str(row.get("name", row.get("id")))
    if not _fixed(row):
        limits = row.get("serviceofferingdetails") or {}
        ranges = [f"{key} {limits[key]}" for key in sorted(limits) if key.startswith(("min", "max"))]
        return f"{name} (custom{': ' + ', '.join(ranges) if ranges else ''})"
    return f"{name} ({_cpus(row)} CPU, {_memory(row)} MiB)"
