"""The demo's own eyes and hands in CloudStack: what is there, networks for it, what is left in the end."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from vnfm.errors import Permanent, Temporary, Unknown, VnfmError
from vnfm.vim.cloudstack.client import Client, Row, Value

#: The isolated offering every plain installation has; otherwise the first with source NAT is taken.
_ISOLATED = "DefaultIsolatedNetworkOfferingWithSourceNatService"
_JOB_PATIENCE = 300.0
_PAUSE = 1.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where the demo works; every id resolved."""

    zone_id: str
    zone_name: str
    project_id: str | None
    may_expunge: bool
    version: str

    @property
    def owner(self) -> dict[str, Value]:
        """Parameter that puts a call into the project."""
        return {"projectid": self.project_id}


@dataclass(frozen=True, slots=True)
class Leftover:
    """Something that still exists."""

    kind: str
    id: str
    name: str
    state: str

    def __str__(self) -> str:
        return " ".join(word for word in (self.kind, self.name, self.state, f"({self.id})") if word)


class Cloud:
    """One CloudStack seen with one key, in one place."""

    def __init__(self, client: Client, zone: str | None, project: str | None) -> None:
        self._client = client
        self.place = self._find_place(zone, project)

    def _find_place(self, zone: str | None, project: str | None) -> Place:
        capability = self._client.read("listCapabilities").get("capability", {})
        zones = self._client.rows("listZones", "zone", available=True)
        enabled = [row for row in zones if row.get("allocationstate", "Enabled") == "Enabled"]
        chosen = _pick(enabled, zone, "zone")
        project_id = None
        if project is not None:
            project_id = str(_pick(self._client.rows("listProjects", "project"), project, "project")["id"])
        return Place(
            zone_id=str(chosen["id"]),
            zone_name=str(chosen["name"]),
            project_id=project_id,
            may_expunge=capability.get("allowuserexpungerecovervm") is True,
            version=str(capability.get("cloudstackversion", "?")),
        )

    def offerings(self) -> list[Row]:
        """Service offerings this user may deploy with here."""
        rows = self._client.rows(
            "listServiceOfferings", "serviceoffering", zoneid=self.place.zone_id, **self.place.owner
        )
        return [row for row in rows if not row.get("issystem")]

    def templates(self) -> list[Row]:
        """Usable templates in the zone; system templates left out."""
        found: dict[str, Row] = {}
        for kind in ("executable", "community"):
            try:
                rows = self._client.rows(
                    "listTemplates", "template", templatefilter=kind, zoneid=self.place.zone_id,
                    **self.place.owner,
                )  # fmt: skip
            except Permanent:
                continue  # a filter this release does not know
            found |= {
                str(row["id"]): row
                for row in rows
                if row.get("isready", True) and row.get("templatetype") not in ("SYSTEM", "ROUTING")
            }
        return list(found.values())

    def find(self, rows: Sequence[Row], wanted: str, what: str) -> Row:
        """The row of that name or id."""
        return _pick(rows, wanted, what)

    def find_network(self, wanted: str) -> Row:
        """An existing network by name or id."""
        rows = self._client.rows("listNetworks", "network", zoneid=self.place.zone_id, **self.place.owner)
        return _pick(rows, wanted, "network")

    def create_network(self, name: str, number: int) -> str:
        """An isolated network of that name; ``number`` keeps the address ranges of several apart."""
        offering = self._isolated_offering()
        params: dict[str, Value] = {
            "name": name,
            "displaytext": f"{name} (made by vnfm demo, may be removed)",
            "zoneid": self.place.zone_id,
            "networkofferingid": offering,
            "gateway": f"10.211.{number}.1",
            "netmask": "255.255.255.0",
            **self.place.owner,
        }
        network = self._client.act("createNetwork", params).get("network", {})
        return str(network["id"])

    def _isolated_offering(self) -> str:
        rows = self._client.rows(
            "listNetworkOfferings", "networkoffering", zoneid=self.place.zone_id, guestiptype="Isolated",
            state="Enabled", forvpc=False,
        )  # fmt: skip
        routed = [row for row in rows if not row.get("specifyvlan") and _has_service(row, "SourceNat")]
        best = [row for row in routed if row.get("name") == _ISOLATED] or routed
        if not best:
            raise Permanent(
                "this CloudStack has no isolated network offering with source NAT for this user; "
                "name existing networks with --network"
            )
        return str(best[0]["id"])

    def remove_network(self, network_id: str) -> str | None:
        """Try once to remove it; returns CloudStack's reason if it cannot be removed (yet)."""
        try:
            job = self._client.act("deleteNetwork", {"id": network_id}).get("jobid")
            return self._wait(str(job)) if job else None
        except Unknown:
            return None  # the look that follows tells
        except VnfmError as exc:
            return exc.detail

    def network_exists(self, network_id: str) -> bool:
        """Whether the network is still listed."""
        return any(row.get("id") == network_id for row in self._networks())

    def remove_networks(
        self, ids: Sequence[str], patience: float, tell: Callable[[str], None]
    ) -> dict[str, str]:
        """Remove them, again and again until ``patience`` is over; returns what is left and why."""
        deadline = time.monotonic() + patience
        left = dict.fromkeys(ids, "")
        told = False
        while left:
            for network_id in list(left):
                reason = self.remove_network(network_id)
                if reason is None or not self.network_exists(network_id):
                    del left[network_id]
                else:
                    left[network_id] = reason
            if not left or time.monotonic() > deadline:
                break
            if not told:
                tell(f"waiting up to {patience:.0f} s until CloudStack lets go of {len(left)} network(s)")
                told = True
            time.sleep(5 * _PAUSE)
        return left

    def _wait(self, job: str) -> str | None:
        deadline = time.monotonic() + _JOB_PATIENCE
        while time.monotonic() < deadline:
            answer = self._client.read("queryAsyncJobResult", jobid=job)
            status = int(answer.get("jobstatus", 0))
            if status == 1:
                return None
            if status > 1:
                result = answer.get("jobresult") or {}
                return str(result.get("errortext") or f"job failed with {answer.get('jobresultcode')}")
            time.sleep(_PAUSE / 4)
        raise Temporary(f"CloudStack's job {job} has not ended after {_JOB_PATIENCE:.0f} s")

    def virtual_machine(self, server_id: str) -> Row | None:
        """One VM by id, as CloudStack lists it."""
        rows = self._client.rows("listVirtualMachines", "virtualmachine", id=server_id, **self.place.owner)
        return rows[0] if rows else None

    def leftovers(self, word: str) -> list[Leftover]:
        """Everything this key can see whose name holds ``word``."""
        vms = self._client.rows("listVirtualMachines", "virtualmachine", **self.place.owner)
        volumes = self._client.rows("listVolumes", "volume", **self.place.owner)
        groups = self._client.rows("listAffinityGroups", "affinitygroup", **self.place.owner)
        listed = {"VM": vms, "network": self._networks(), "volume": volumes, "affinity group": groups}
        found = [
            Leftover(kind, str(row["id"]), _full_name(row), str(row.get("state", "")))
            for kind, rows in listed.items()
            for row in rows
        ]
        return [item for item in found if word in item.name]

    def _networks(self) -> list[Row]:
        return self._client.rows("listNetworks", "network", zoneid=self.place.zone_id, **self.place.owner)


def _full_name(row: Row) -> str:
    """Its own name and, of a volume, its VM's: a root disk's name does not tell whose it is."""
    return " of ".join(str(row[key]) for key in ("name", "vmname") if row.get(key))


def _has_service(offering: Row, name: str) -> bool:
    return any(service.get("name") == name for service in offering.get("service", ()))


def _pick(rows: Sequence[Row], wanted: str | None, what: str) -> Row:
    """The row of that name or id, or the first if nothing was wanted."""
    found = [row for row in rows if wanted is None or wanted in (row.get("id"), row.get("name"))]
    if not found:
        known = ", ".join(sorted(str(row.get("name")) for row in rows)) or "none"
        raise Permanent(f"this CloudStack shows no {what} {wanted or ''} to this key; it shows: {known}")
    if wanted is not None and len(found) > 1:
        raise Permanent(f"there are {len(found)} {what}s named {wanted}; give the id")
    return found[0]
