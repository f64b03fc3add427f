"""The demo's orchestrator side: speaks SOL003 to the gateway and to the NFVO emulator, over HTTP only."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from vnfm.errors import Permanent, Temporary

_API_VERSION = "2.1.0"
_PACKAGE_VERSION = "2.2.0"
_TIMEOUT = httpx.Timeout(30.0)
_LOOK = 0.4
#: States from which an operation does not go on by itself.
_ENDED = frozenset({"COMPLETED", "FAILED_TEMP", "FAILED", "ROLLED_BACK"})
_TRIES = 3


class Caller:
    """One HTTP API with a client credentials token; errors become sentences."""

    def __init__(
        self, who: str, root: str, token_url: str, client_id: str, secret: str, version: str
    ) -> None:
        self._who = who
        self._root = root.rstrip("/")
        self._version = version
        self._http = httpx.Client(timeout=_TIMEOUT, trust_env=False)
        self._token_url = token_url
        self._credentials = (client_id, secret)
        self._token = ""

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def call(
        self, method: str, url: str, expected: int, body: Any = None, accept: str = ""
    ) -> httpx.Response:
        """One request; ``Permanent`` with the other side's words unless it answers ``expected``."""
        if not url.startswith("http"):
            url = self._root + url
        headers = {"Version": self._version, "Accept": accept or "application/json"}
        reply = self._send(method, url, headers, body)
        if reply.status_code == 401:
            self._token = ""
            reply = self._send(method, url, headers, body)
        if reply.status_code != expected:
            raise Permanent(
                f"{self._who} answered {reply.status_code} instead of {expected} to {method} "
                f"{httpx.URL(url).path}: {_words(reply)}"
            )
        return reply

    def _send(self, method: str, url: str, headers: Mapping[str, str], body: Any) -> httpx.Response:
        # Only reading may be repeated when the answer is lost.
        tries = _TRIES if method == "GET" else 1
        for left in reversed(range(tries)):
            try:
                bearer = {"Authorization": f"Bearer {self._token or self._fetch_token()}"}
                return self._http.request(method, url, headers={**headers, **bearer}, json=body)
            except httpx.TransportError as exc:
                if not left:
                    raise Temporary(f"{self._who} does not answer {method} {url}: {exc}") from exc
                time.sleep(1)
        raise AssertionError("unreachable")

    def _fetch_token(self) -> str:
        reply = self._http.post(
            self._token_url,
            data={"grant_type": "client_credentials"},
            auth=httpx.BasicAuth(*self._credentials),
        )
        if reply.status_code != 200:
            raise Permanent(f"{self._who} gave no token: {reply.status_code} {_words(reply)}")
        self._token = str(reply.json()["access_token"])
        return self._token


def _words(reply: httpx.Response) -> str:
    """What an error answer says: ProblemDetails detail, OAuth2 error, or the text itself."""
    try:
        body = reply.json()
    except ValueError:
        return reply.text[:300] or "(no body)"
    if isinstance(body, dict):
        said = [str(body[key]) for key in ("detail", "error", "error_description") if body.get(key)]
        return ": ".join(said) or str(body)[:300]
    return str(body)[:300]


@dataclass(frozen=True, slots=True)
class Ended:
    """How an operation ended, and how long it took."""

    operation: Mapping[str, Any]
    steps: Sequence[Mapping[str, Any]]
    seconds: float

    @property
    def state(self) -> str:
        """Its last operationState."""
        return str(self.operation["operationState"])

    def cause(self) -> str:
        """Why it is not COMPLETED, in the gateway's words, with the steps that failed."""
        error = self.operation.get("error") or {}
        lines = [str(error.get("detail") or error.get("title") or "the gateway gives no reason")]
        for step in self.steps:
            if step.get("error") and step["error"] not in lines:
                lines.append(str(step["error"]))
        return "\n".join(lines)


class Gateway:
    """The gateway under its public APIs."""

    def __init__(self, url: str, client_id: str, secret: str) -> None:
        self.url = url
        self._api = Caller("the gateway", url, f"{url}/oauth2/token", client_id, secret, _API_VERSION)

    def close(self) -> None:
        """Give the connections back."""
        self._api.close()

    def create(self, vnfd_id: str, name: str) -> Mapping[str, Any]:
        """POST vnf_instances."""
        body = {"vnfdId": vnfd_id, "vnfInstanceName": name, "vnfInstanceDescription": "made by vnfm demo"}
        return _object(self._api.call("POST", "/vnflcm/v2/vnf_instances", 201, body))

    def read(self, instance_id: str) -> Mapping[str, Any]:
        """GET one instance."""
        return _object(self._api.call("GET", f"/vnflcm/v2/vnf_instances/{instance_id}", 200))

    def delete(self, instance_id: str) -> None:
        """DELETE the instance."""
        self._api.call("DELETE", f"/vnflcm/v2/vnf_instances/{instance_id}", 204)

    def subscribe(self, callback_uri: str) -> None:
        """POST subscriptions: everything is to be told there."""
        self._api.call("POST", "/vnflcm/v2/subscriptions", 201, {"callbackUri": callback_uri})

    def begin(self, instance_id: str, verb: str, body: Mapping[str, Any]) -> str:
        """POST a task; returns the Location of the operation occurrence."""
        reply = self._api.call("POST", f"/vnflcm/v2/vnf_instances/{instance_id}/{verb}", 202, body)
        location = reply.headers.get("Location")
        if not location:
            raise Permanent(f"the gateway answered 202 to {verb} without a Location")
        return str(location)

    def call_task(self, location: str, task: str) -> None:
        """POST a task of an occurrence: retry, rollback."""
        self._api.call("POST", f"{location}/{task}", 202)

    def follow(
        self,
        location: str,
        show: Callable[[Mapping[str, Any], Sequence[Mapping[str, Any]]], None],
        watch: Callable[[], None],
        patience: float,
    ) -> Ended:
        """Poll until the operation ends; ``show`` gets every look, ``watch`` may raise to give up."""
        began = time.monotonic()
        while True:
            operation = _object(self._api.call("GET", location, 200))
            steps = self._api.call("GET", f"/gateway/v1/operations/{operation['id']}/steps", 200).json()
            show(operation, steps)
            seconds = time.monotonic() - began
            if operation["operationState"] in _ENDED:
                return Ended(operation, steps, seconds)
            watch()
            if seconds > patience:
                raise Permanent(
                    f"{operation['operation']} is still {operation['operationState']} after {seconds:.0f} s"
                )
            time.sleep(_LOOK)


class PackageServer:
    """The NFVO's package management interface."""

    def __init__(self, url: str, client_id: str, secret: str) -> None:
        root = f"{url}/vnfpkgm/v2/onboarded_vnf_packages"
        self._api = Caller("the NFVO", root, f"{url}/token", client_id, secret, _PACKAGE_VERSION)

    def close(self) -> None:
        """Give the connections back."""
        self._api.close()

    def list(self) -> list[Mapping[str, Any]]:
        """VnfPkgInfo of every onboarded package."""
        found: list[Mapping[str, Any]] = self._api.call("GET", "", 200).json()
        return found

    def fetch(self, vnfd_id: str) -> bytes:
        """The CSAR."""
        return self._api.call("GET", f"/{vnfd_id}/package_content", 200, accept="application/zip").content


def set_policy(nfvo_url: str, control_token: str, policy: Mapping[str, Any]) -> None:
    """Tell the NFVO emulator what its grants shall contain."""
    reply = httpx.put(
        f"{nfvo_url}/control/policy",
        json=policy,
        headers={"Authorization": f"Bearer {control_token}"},
        trust_env=False,
    )
    if reply.status_code != 204:
        raise Permanent(f"the NFVO emulator did not take the policy: {_words(reply)}")


def read_inbox(nfvo_url: str, control_token: str) -> list[Mapping[str, Any]]:
    """What the NFVO emulator was told, and what it found wrong with it."""
    reply = httpx.get(
        f"{nfvo_url}/control/notifications",
        headers={"Authorization": f"Bearer {control_token}"},
        trust_env=False,
    )
    if reply.status_code != 200:
        raise Permanent(f"the NFVO emulator did not show its inbox: {_words(reply)}")
    found: list[Mapping[str, Any]] = reply.json()
    return found


def _object(reply: httpx.Response) -> Mapping[str, Any]:
    body: Mapping[str, Any] = reply.json()
    return body
