"""Grants: decided by a policy, remembered per operation, the same answer to the same question."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from vnfm.sandbox.nfvo.faults import Fault, Faults
from vnfm.sandbox.nfvo.http import Refusal, Reply, Request
from vnfm.sandbox.nfvo.shapes import grant_request_faults

_LISTS = ("addResources", "tempResources", "removeResources", "updateResources")


@dataclass(slots=True)
class Policy:
    """What a Grant of this NFVO contains besides the resources asked for; empty means: left out.

    ``flavours`` maps vduId → VIM flavour and ``images`` vnfdSoftwareImageId → VIM image; the key ``*`` stands
    for all others.
    """

    vim_connection_info: Mapping[str, Any] = field(default_factory=dict)
    zone: str | None = None
    flavours: Mapping[str, str] = field(default_factory=dict)
    images: Mapping[str, str] = field(default_factory=dict)
    ext_virtual_links: list[Any] = field(default_factory=list)
    ext_managed_virtual_links: list[Any] = field(default_factory=list)
    additional_params: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, value: Mapping[str, Any]) -> Policy:
        """From JSON; 400 names what is unknown."""
        unknown = value.keys() - {item.name for item in fields(cls)}
        if unknown:
            raise Refusal(400, f"a policy has no {', '.join(sorted(unknown))}")
        return cls(**value)


@dataclass(slots=True)
class Case:
    """One operation that asked."""

    id: str
    request: Mapping[str, Any]
    asked: int = 1
    pending: bool = False
    polls_left: int = 0
    problem: str | None = None
    grant: Mapping[str, Any] | None = None


class Grants:
    """The grant interface, producer side (SOL003 9). Thread-safe."""

    def __init__(self, faults: Faults, image_ids: Callable[[str], Iterable[str]]) -> None:
        self.policy = Policy()
        self._faults = faults
        #: Software image ids of a VNFD, as far as this NFVO has its package.
        self._image_ids = image_ids
        self._cases: dict[str, Case] = {}
        self._lock = threading.Lock()

    def cases(self) -> list[Case]:
        """Every operation that ever asked, oldest first."""
        return list(self._cases.values())

    def clear(self) -> None:
        """Forget all cases; the policy stays."""
        self._cases.clear()

    def ask(self, request: Request, fault: Fault | None) -> Reply:
        """POST /grants."""
        body = request.json()
        wrong = grant_request_faults(body)
        if wrong:
            raise Refusal(400, "; ".join(wrong))
        with self._lock:
            case = self._cases.get(body["vnfLcmOpOccId"])
            if case is None:
                case = self._open(body, request.root, fault)
            else:
                case.asked += 1
                self._faults.count("grants.repeated")
                if case.request != body:
                    raise Refusal(409, "this operation asked before, but for something else")
            return self._answer(case, request.root, 201)

    def look(self, grant_id: str, request: Request) -> Reply:
        """GET /grants/{grantId}."""
        with self._lock:
            case = next((case for case in self._cases.values() if case.id == grant_id), None)
            if case is None:
                raise Refusal(404, f"there is no grant {grant_id}")
            if case.polls_left > 0:
                case.polls_left -= 1
                return Reply(202)
            case.pending = False
            return self._answer(case, request.root, 200)

    def _open(self, body: Mapping[str, Any], root: str, fault: Fault | None) -> Case:
        case = Case(str(uuid.uuid4()), body)
        self._cases[body["vnfLcmOpOccId"]] = case
        kind = fault.kind if fault else None
        if fault and (kind == "reject" or (kind == "pend" and fault.then == "reject")):
            case.problem = fault.detail
            self._faults.count("grants.rejected")
        else:
            case.grant = self._decide(case, root)
            self._faults.count("grants.issued")
        if fault and kind == "pend":
            case.pending, case.polls_left = True, fault.polls
        return case

    def _answer(self, case: Case, root: str, status: int) -> Reply:
        location = {"Location": f"{root}/grant/v1/grants/{case.id}"}
        if case.pending:
            return Reply(202, headers=location)
        if case.grant is None:
            raise Refusal(403, case.problem or "rejected")
        return Reply.of(status, case.grant, location if status == 201 else None)

    def _decide(self, case: Case, root: str) -> Mapping[str, Any]:
        body, policy = case.request, self.policy
        connection = next(iter(policy.vim_connection_info), None)
        grant: dict[str, Any] = {
            "id": case.id,
            "vnfInstanceId": body["vnfInstanceId"],
            "vnfLcmOpOccId": body["vnfLcmOpOccId"],
            "_links": {"self": {"href": f"{root}/grant/v1/grants/{case.id}"}, **body["_links"]},
        }
        optional: dict[str, Any] = {
            "vimConnectionInfo": policy.vim_connection_info,
            "extVirtualLinks": policy.ext_virtual_links if body["operation"] != "TERMINATE" else [],
            "extManagedVirtualLinks": policy.ext_managed_virtual_links,
            "additionalParams": policy.additional_params,
            "vimAssets": self._assets(body, connection),
        }
        if policy.zone is not None:
            optional["zones"] = [_present(id="zone", zoneId=policy.zone, vimConnectionId=connection)]
        grant |= {name: value for name, value in optional.items() if value}
        zone = "zone" if policy.zone is not None else None
        for name in _LISTS:
            if name in body:
                placed = name in ("addResources", "tempResources")
                grant[name] = [
                    _present(
                        resourceDefinitionId=definition["id"],
                        vimConnectionId=connection,
                        zoneId=zone if placed else None,
                    )
                    for definition in body[name]
                ]
        return grant

    def _assets(self, body: Mapping[str, Any], connection: str | None) -> Mapping[str, Any]:
        lists = ["addResources", "tempResources", *(["updateResources"] if "dstVnfdId" in body else [])]
        new = [item for name in lists for item in body.get(name, ())]
        vdus = sorted({item["vduId"] for item in new if "vduId" in item})
        storages = {item["resourceTemplateId"] for item in new if item["type"] == "STORAGE"}
        image_ids = (
            sorted(storages.union(vdus, self._image_ids(body.get("dstVnfdId", body["vnfdId"]))))
            if new
            else []
        )
        flavours = [
            _present(vimConnectionId=connection, vnfdVirtualComputeDescId=vdu, vimFlavourId=flavour)
            for vdu in vdus
            if (flavour := _pick(self.policy.flavours, vdu))
        ]
        images = [
            _present(vimConnectionId=connection, vnfdSoftwareImageId=name, vimSoftwareImageId=image)
            for name in image_ids
            if (image := _pick(self.policy.images, name))
        ]
        assets = {"computeResourceFlavours": flavours, "softwareImages": images}
        return {name: value for name, value in assets.items() if value}


def _pick(table: Mapping[str, str], key: str) -> str | None:
    return table.get(key, table.get("*"))


def _present(**values: str | None) -> dict[str, str]:
    return {name: value for name, value in values.items() if value is not None}
