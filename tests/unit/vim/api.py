"""A CloudStack made of prepared answers, behind httpx's transport. It checks every call it gets:
the signature, GET or POST, and (where the reference is at hand) each parameter's name."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx

from vnfm.outbound import Destinations, Outbound
from vnfm.vim.cloudstack import CloudStackVim, connect, signature
from vnfm.vim.port import Scope, VimConnection

ENDPOINT = "http://cloud.example:8080/client/api"
KEY, SECRET = "the-api-key", "the-secret-key"
NOW = 1_795_358_252.0
ZONE = {
    "id": "zone-1",
    "name": "Sandbox",
    "networktype": "Advanced",
    "allocationstate": "Enabled",
    "allowuserspecifyvrmtu": False,
}
CREDENTIALS = {"command", "apikey", "signature", "signatureversion", "expires", "response"}


def reference() -> Path | None:
    """The folder of reference material, if there is one beside the checkout."""
    named = os.environ.get("VNFM_REFERENCE")
    here = Path(named) if named else Path(__file__).parents[4] / "shared" / "reference"
    return here if (here / "cloudstack" / "listApis.json").is_file() else None


def load_catalogue() -> Mapping[str, Mapping[str, Any]]:
    """Every command of CloudStack 4.22 by name; empty without the reference."""
    folder = reference()
    if folder is None:
        return {}
    document = json.loads((folder / "cloudstack" / "listApis.json").read_text())
    return {api["name"]: api for api in document["listapisresponse"]["api"]}


CATALOGUE = load_catalogue()


@dataclass(frozen=True)
class Refusal:
    """An error as CloudStack words it."""

    code: int
    text: str = "no"
    cserrorcode: int = 4350


#: For an id that never was.
UNKNOWN = Refusal(431, "Invalid parameter id value=x due to … or entity does not exist or …", 9999)


Answer = Mapping[str, Any] | Refusal | httpx.Response | Exception | Callable[[Mapping[str, str]], Any]


@dataclass
class FakeApi:
    """Answers by command, in order; the last one repeats."""

    answers: dict[str, list[Answer]] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)
    now: float = NOW

    def on(self, command: str, *answers: Answer) -> FakeApi:
        self.answers[command] = list(answers)
        return self

    def sent(self, command: str) -> dict[str, str]:
        """The parameters of the only call of this command."""
        found = [params for name, params in self.calls if name == command]
        assert len(found) == 1, f"{command} was sent {len(found)} times"
        return found[0]

    def count(self, command: str) -> int:
        return sum(name == command for name, _ in self.calls)

    def handle(self, request: httpx.Request) -> httpx.Response:
        raw = request.url.query if request.method == "GET" else request.read()
        params = dict(parse_qsl(raw.decode(), keep_blank_values=True))
        command = params["command"]
        self._check(request.method, command, params)
        self.calls.append((command, {k: v for k, v in params.items() if k not in CREDENTIALS}))
        queue = self.answers.get(command)
        assert queue, f"no answer prepared for {command}"
        answer = queue.pop(0) if len(queue) > 1 else queue[0]
        return self._respond(command, answer(params) if callable(answer) else answer)

    def _respond(self, command: str, answer: Any) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, httpx.Response):
            return answer
        if isinstance(answer, Refusal):
            body = {
                "uuidList": [],
                "errorcode": answer.code,
                "cserrorcode": answer.cserrorcode,
                "errortext": answer.text,
            }
            return httpx.Response(answer.code, json={f"{command.lower()}response": body})
        return httpx.Response(200, json={f"{command.lower()}response": answer})

    def _check(self, method: str, command: str, params: dict[str, str]) -> None:
        given = params.pop("signature")
        assert given == signature.compute(params, SECRET)
        assert params["apikey"] == KEY
        reading = command.startswith(("get", "list", "query", "find"))
        assert method == ("GET" if reading else "POST"), f"{command} by {method}"
        if not CATALOGUE:
            return
        assert command in CATALOGUE, f"{command} is not in the catalogue"
        known = {param["name"].lower() for param in CATALOGUE[command]["params"]}
        for name in params.keys() - CREDENTIALS:
            assert name.split("[")[0] in known, f"{command} has no parameter {name}"

    def outbound(self) -> Outbound:
        return Outbound(
            Destinations(allow=("cloud.example",)),
            transport=httpx.MockTransport(self.handle),
            resolve=lambda host: ["192.0.2.1"],
            clock=lambda: self.now,
        )

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds

    def connect(self, scope: Scope | None = None, **extra: Any) -> CloudStackVim:
        connection = VimConnection(
            id="vim-1",
            vim_type="CLOUDSTACK",
            interface={"endpoint": ENDPOINT},
            access={"apiKey": KEY, "secretKey": SECRET},
            extra=extra,
        )
        return connect(
            connection,
            scope or Scope(),
            self.outbound().line,
            lambda: self.now,
            self.sleep,
            jitter=lambda: 0.5,
        )


def ready(**capability: Any) -> FakeApi:
    """A server with one zone and a plain user who may expunge."""
    told = {"cloudstackversion": "4.22.0.0", "allowuserexpungerecovervm": True, **capability}
    return (
        FakeApi()
        .on("listZones", {"count": 1, "zone": [ZONE]})
        .on("listCapabilities", {"capability": told})
        .on("listAccounts", {"count": 1, "account": [{"name": "alice", "accounttype": 0, "domainid": "d-1"}]})
    )


def listing(key: str, *rows: Mapping[str, Any]) -> Mapping[str, Any]:
    """A list answer; an empty one is ``{}``, as CloudStack sends it."""
    return {"count": len(rows), key: list(rows)} if rows else {}
